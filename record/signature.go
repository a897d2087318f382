package record

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Methods of a Signature, strongest first.
const (
	// SignedPasskey is a WebAuthn assertion (W3C WebAuthn Level 3 section 7.2) with user verification. Anybody who holds
	// the row can verify it.
	SignedPasskey = "passkey"
	// SignedCode is the password and a one-time code, given anew for this act. The node vouches for it.
	SignedCode = "password+totp"
	// SignedPassword is the password alone, given anew: of an officer who has enrolled neither passkey nor codes. The node
	// vouches for it.
	SignedPassword = "password"
)

// Signature is how the officer signed an act. What was signed is Act.Statement, which is made of the row itself: whoever
// changes the row breaks the signature. The last six fields are set with SignedPasskey only.
type Signature struct {
	Method string `json:"method"`
	// Revision is Record.Hash of what the officer saw, "" when the act is about no record.
	Revision string `json:"revision,omitempty"`
	// Details is DetailsHash of what the row itself does not say, such as an instruction; "" when there is nothing else.
	Details string    `json:"details,omitempty"`
	Nonce   []byte    `json:"nonce"` // 32 random bytes: no signature fits two acts
	From    time.Time `json:"from"`  // the node asked; UTC, seconds
	Until   time.Time `json:"until"` // the act may not be later; UTC, seconds
	// Signed is Act.Challenge of the act the officer was shown: the row must lead to the same.
	Signed []byte `json:"signed"`

	RP            string `json:"rp,omitempty"`            // relying party id: the host name the browser used
	Credential    []byte `json:"credential,omitempty"`    // credential id
	Key           []byte `json:"key,omitempty"`           // public key, SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), DER
	Authenticator []byte `json:"authenticator,omitempty"` // authenticator data
	Client        []byte `json:"client,omitempty"`        // client data JSON
	Value         []byte `json:"value,omitempty"`         // the signature over both
}

// Statement is what an officer signs: one line for each fact, always all of them and in this order, values quoted as Go
// strings so that none can reach into the next line. It needs a.Signature, of which it takes what is not the proof itself.
func (a Act) Statement() string {
	s := a.Signature
	if s == nil {
		s = &Signature{}
	}
	var b strings.Builder
	b.WriteString("sarhad act v1\n")
	for _, line := range [][2]string{
		{"user", a.User}, {"action", a.Action}, {"topic", a.Topic}, {"subject", a.Subject.String()}, {"revision", s.Revision},
		{"verdict", a.Verdict}, {"reason", a.Reason}, {"details", s.Details},
		{"from", s.From.UTC().Format(time.RFC3339)}, {"until", s.Until.UTC().Format(time.RFC3339)},
		{"nonce", base64.RawURLEncoding.EncodeToString(s.Nonce)},
	} {
		b.WriteString(line[0] + ": " + strconv.Quote(line[1]) + "\n")
	}
	return b.String()
}

// Challenge is SHA-256 of the Statement: the challenge of the WebAuthn assertion. The nonce stands in the statement.
func (a Act) Challenge() [sha256.Size]byte { return sha256.Sum256([]byte(a.Statement())) }

// DetailsHash is SHA-256 over the nonce and the named values in order of their names, hexadecimal; "" without values. The
// nonce keeps short texts from being guessed out of a log that no longer holds them.
func DetailsHash(nonce []byte, details map[string]string) string {
	var pairs [][2]string
	for name, value := range details {
		if value != "" {
			pairs = append(pairs, [2]string{name, value})
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	slices.SortFunc(pairs, func(x, y [2]string) int { return strings.Compare(x[0], y[0]) })
	text, err := json.Marshal(pairs)
	if err != nil { // strings always can
		panic("record: details cannot be written: " + err.Error())
	}
	sum := sha256.Sum256(append(slices.Clone(nonce), text...))
	return hex.EncodeToString(sum[:])
}

// PasskeyMark names a passkey and its public key in the log: SHA-256 over both, hexadecimal. The acts that enrol and remove a
// passkey carry it as IDs, so that the log itself says whose key signed.
func PasskeyMark(credential, key []byte) string {
	h := sha256.New()
	h.Write([]byte(strconv.Itoa(len(credential)) + ":"))
	h.Write(credential)
	h.Write(key)
	return hex.EncodeToString(h.Sum(nil))
}

// Actions of the rows that say whose a passkey is. User is who enrolled it, Subject too; IDs is its PasskeyMark.
const (
	ActPasskeyAdd    = "passkey-add"
	ActPasskeyRemove = "passkey-remove"
)
