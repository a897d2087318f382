package authn_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sarhad/internal/authn"
	"sarhad/record"
)

func TestTOTP(t *testing.T) {
	d := newDoor(t, nil)
	u := d.user("a.officer")
	sess, _ := d.signIn("a.officer")
	code := func(secret string, shift time.Duration) string {
		c, err := totp.GenerateCode(secret, d.now.Add(shift))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	try := func(code string) error {
		_, _, err := d.SignIn(t.Context(), "a.officer", goodPassword, code, booth)
		return err
	}
	d.want("confirm without offer", d.ConfirmTOTP(t.Context(), sess, "123456"), authn.NotEnrolling, record.Conflict)
	_, err := d.OfferTOTP(t.Context(), sess, "wrong-password-typed")
	d.want("offer with wrong password", err, authn.PasswordWrong, record.Forbidden)
	e, err := d.OfferTOTP(t.Context(), sess, goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(e.URL, "secret="+e.Secret) || !strings.Contains(e.URL, "Sarhad:a.officer") {
		t.Errorf("address %q", e.URL)
	}
	if img, err := e.PNG(240); err != nil || !bytes.HasPrefix(img, []byte("\x89PNG")) {
		t.Errorf("no picture: %v", err)
	}
	if err := try(""); err != nil {
		t.Errorf("an offered secret asks for codes already: %v", err)
	}
	d.want("confirm wrong", d.ConfirmTOTP(t.Context(), sess, "000000"), authn.CodeWrong, record.Invalid)
	first := code(e.Secret, 0)
	if err := d.ConfirmTOTP(t.Context(), sess, first); err != nil {
		t.Fatal(err)
	}

	d.want("no code", try(""), authn.CodeNeeded, record.Forbidden)
	d.want("the code of the enrolment again", try(first), authn.SignInRefused, record.Forbidden)
	if got := d.lastAct(); got.Reason != "code" || got.Subject.String() != u.ID {
		t.Errorf("audit row %+v", got)
	}
	d.later(2 * time.Minute)
	d.want("two steps old", try(code(e.Secret, -time.Minute)), authn.SignInRefused, record.Forbidden)
	d.want("two steps ahead", try(code(e.Secret, time.Minute)), authn.SignInRefused, record.Forbidden)
	if err := try(code(e.Secret, -30*time.Second)); err != nil {
		t.Errorf("one step old: %v", err)
	}
	ahead := code(e.Secret, 30*time.Second)
	if err := try(ahead[:3] + " " + ahead[3:]); err != nil {
		t.Errorf("one step ahead, typed in two groups: %v", err)
	}
	d.want("a step before the last one used", try(code(e.Secret, 0)), authn.SignInRefused, record.Forbidden)
	d.later(5 * time.Minute)
	d.want("wrong password, right code",
		func() error {
			_, _, err := d.SignIn(t.Context(), "a.officer", "wrong-password-typed", code(e.Secret, 0), booth)
			return err
		}(), authn.SignInRefused, record.Forbidden)
	if err := try(code(e.Secret, 0)); err != nil {
		t.Errorf("a code beside a wrong password was spent: %v", err)
	}
	if err := d.RemoveTOTP(d.ctx(), u.ID); err != nil {
		t.Fatal(err)
	}
	if err := try(""); err != nil {
		t.Errorf("after removal: %v", err)
	}
}

// together lets callers of UserByName go on only when all of them have read,
// so that each holds the same old user.
type together struct {
	authn.Store
	readers sync.WaitGroup
}

func (s *together) UserByName(ctx context.Context, name string) (authn.User, error) {
	u, err := s.Store.UserByName(ctx, name)
	s.readers.Done()
	s.readers.Wait()
	return u, err
}

// Somebody reads the code over a shoulder and types as fast as the owner.
func TestTOTPCodeWorksOnceAtTheSameMoment(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	sess, _ := d.signIn("a.officer")
	e, err := d.OfferTOTP(t.Context(), sess, goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := totp.GenerateCode(e.Secret, d.now)
	if err := d.ConfirmTOTP(t.Context(), sess, c); err != nil {
		t.Fatal(err)
	}
	d.later(time.Minute)
	c, _ = totp.GenerateCode(e.Secret, d.now)
	const tries = 5
	store := &together{Store: d.store}
	store.readers.Add(tries)
	s := authn.New(store, authn.Config{Now: func() time.Time { return d.now }, Params: cheap})
	var in atomic.Int32
	var wg sync.WaitGroup
	for range tries {
		wg.Go(func() {
			if _, _, err := s.SignIn(t.Context(), "a.officer", goodPassword, c, booth); err == nil {
				in.Add(1)
			}
		})
	}
	wg.Wait()
	if in.Load() != 1 {
		t.Errorf("one code let %d in", in.Load())
	}
}
