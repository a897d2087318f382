package authn

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"image/png"
	"io"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// TOTP as RFC 6238 with the only values every authenticator app understands:
// SHA-1, six digits, steps of 30 seconds. SHA-1 is sound inside HMAC.
const (
	totpPeriod = 30 // seconds
	// totpSkew is how many steps before and after the present one are
	// accepted: a phone may be half a minute off, and typing takes time
	// (RFC 6238 section 5.2 recommends one).
	totpSkew = 1
	// totpBytes is the length of a secret, 160 bits (RFC 4226 section 4, R6).
	totpBytes = 20
)

// Enrolment is what the officer's authenticator app needs. It is shown once.
type Enrolment struct {
	// Secret is base32 without padding, for typing.
	Secret string `json:"secret"`
	// URL is the otpauth:// address, for the QR code.
	URL string `json:"url"`
}

// PNG returns the QR code of the URL as a square PNG image.
func (e Enrolment) PNG(pixels int) ([]byte, error) {
	key, err := otp.NewKeyFromURL(e.URL)
	if err != nil {
		return nil, fmt.Errorf("draw the code for the authenticator app: %w", err)
	}
	img, err := key.Image(pixels, pixels)
	if err != nil {
		return nil, fmt.Errorf("draw the code for the authenticator app: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("draw the code for the authenticator app: %w", err)
	}
	return b.Bytes(), nil
}

func newEnrolment(issuer, account string, rand io.Reader) (Enrolment, error) {
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: issuer, AccountName: account, Period: totpPeriod, SecretSize: totpBytes,
		Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1, Rand: rand,
	})
	if err != nil {
		return Enrolment{}, err
	}
	return Enrolment{Secret: key.Secret(), URL: key.URL()}, nil
}

// totpStep returns the step whose code was given, if it lies within the skew
// of now and after last. It is the caller's duty to store it as the new last,
// in the same transaction: that is what refuses a code seen over a shoulder.
func totpStep(secret, code string, now time.Time, last int64) (step int64, ok bool) {
	code = strings.NewReplacer(" ", "", "-", "").Replace(code)
	present := now.Unix() / totpPeriod
	for s := present - totpSkew; s <= present+totpSkew; s++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(s), hotp.ValidateOpts{
			Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
		})
		if err != nil {
			return 0, false
		}
		// No early return: the time taken must not tell which step matched.
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && s > last {
			step, ok = s, true
		}
	}
	return step, ok
}
