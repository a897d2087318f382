package authn_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sarhad/internal/authn"
	"sarhad/internal/authn/authntest"
	"sarhad/record"
	"sarhad/record/audit"
)

var node = authn.Origin{URL: "https://node.example:8443", RP: "node.example"}

// enrol gives an officer who is signed in a passkey at the node.
func (d *door) enrol(sess authn.Session) (*authntest.Authenticator, authn.Passkey) {
	d.Helper()
	ask, err := d.OfferPasskey(d.Context(), sess, node, goodPassword, "")
	if err != nil {
		d.Fatal(err)
	}
	key := authntest.NewAuthenticator(node.RP, node.URL)
	client, attestation := key.Create(ask.Challenge, []byte(ask.User.ID))
	p, err := d.AddPasskey(d.Context(), sess, " Blue ring ", client, attestation, []string{"usb", "telepathy"})
	if err != nil {
		d.Fatal(err)
	}
	return key, p
}

func (d *door) enter(key *authntest.Authenticator) (authn.Session, string, error) {
	d.Helper()
	c, err := d.PasskeyChallenge(node)
	if err != nil {
		d.Fatal(err)
	}
	return d.SignInPasskey(d.Context(), node, key.Get(c), booth)
}

func TestSignInByPasskey(t *testing.T) {
	d := newDoor(t, nil)
	u := d.user("a.officer")
	sess, _ := d.signIn("a.officer")
	key, p := d.enrol(sess)
	if p.Name != "Blue ring" || p.RP != node.RP || strings.Join(p.Transports, " ") != "usb" {
		t.Errorf("passkey %+v", p)
	}
	if a := d.lastAct(); a.Action != record.ActPasskeyAdd || a.IDs != record.PasskeyMark(p.ID, p.Key) || a.User != u.ID {
		t.Errorf("audit row %+v", a)
	}
	got, token, err := d.enter(key)
	if err != nil || got.User.ID != u.ID {
		t.Fatalf("%+v, %v", got.User, err)
	}
	d.lives("by passkey", token, true)
	if a := d.lastAct(); a.Action != authn.ActSignIn || a.User != u.ID {
		t.Errorf("audit row %+v", a)
	}
}

// TestPasskeyIsRefused proves that nothing but this key, at this node, for this challenge, once, with its holder verified,
// signs in; each leaves one row of refusal and the same words.
func TestPasskeyIsRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		turn func(*door, *authntest.Authenticator)
	}{
		{"of another host", func(_ *door, k *authntest.Authenticator) { k.RP = "evil.example" }},
		{"at another origin", func(_ *door, k *authntest.Authenticator) { k.Origin = "https://evil.example" }},
		{"at another port", func(_ *door, k *authntest.Authenticator) { k.Origin = "https://node.example" }},
		{"nobody verified", func(_ *door, k *authntest.Authenticator) { k.Flags = 0x01 }},
		{"nobody there", func(_ *door, k *authntest.Authenticator) { k.Flags = 0x04 }},
		{"unknown key", func(_ *door, k *authntest.Authenticator) { k.ID = []byte("another") }},
		{"another user's handle", func(_ *door, k *authntest.Authenticator) { k.User = []byte("somebody else") }},
		{"a key with the same id", func(_ *door, k *authntest.Authenticator) {
			other := authntest.NewAuthenticator(k.RP, k.Origin)
			other.ID, other.User, other.Counter = k.ID, k.User, k.Counter
			*k = *other
		}},
		{"disabled user", func(d *door, _ *authntest.Authenticator) {
			u, _ := d.UserByName(d.Context(), "a.officer")
			if err := d.SetDisabled(d.ctx(), u.ID, true); err != nil {
				d.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(t, nil)
			d.user("a.officer")
			sess, _ := d.signIn("a.officer")
			key, _ := d.enrol(sess)
			c.turn(d, key)
			before := len(d.store.Acts())
			_, _, err := d.enter(key)
			d.want(c.name, err, authn.SignInRefused, record.Forbidden)
			if n := len(d.store.Acts()) - before; n != 1 || d.lastAct().Action != authn.ActSignInRefused {
				t.Errorf("%d rows, last %+v", n, d.lastAct())
			}
		})
	}
}

func TestAChallengeOfTheDoorOpensOnce(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	sess, _ := d.signIn("a.officer")
	key, _ := d.enrol(sess)
	c, err := d.PasskeyChallenge(node)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.SignInPasskey(t.Context(), node, key.Get(c), booth); err != nil {
		t.Fatal(err)
	}
	_, _, err = d.SignInPasskey(t.Context(), node, key.Get(c), booth)
	d.want("used", err, authn.SignInRefused, record.Forbidden)
	_, _, err = d.SignInPasskey(t.Context(), node, key.Get([]byte("0123456789012345678901234567890123456789")), booth)
	d.want("invented", err, authn.SignInRefused, record.Forbidden)
	c, _ = d.PasskeyChallenge(node)
	d.later(2 * time.Minute)
	_, _, err = d.SignInPasskey(t.Context(), node, key.Get(c), booth)
	d.want("late", err, authn.SignInRefused, record.Forbidden)
}

// TestAClonedPasskeyIsPutOutOfUse proves that a counter that does not grow ends the passkey, for sign-in and for acts, and
// that the log says so; an authenticator without a counter is none.
func TestAClonedPasskeyIsPutOutOfUse(t *testing.T) {
	d := newDoor(t, nil)
	u := d.user("a.officer")
	sess, _ := d.signIn("a.officer")
	key, p := d.enrol(sess)
	key.Counter = 9
	if _, _, err := d.enter(key); err != nil {
		t.Fatal(err)
	}
	copied := *key
	copied.Counter = 9
	_, _, err := d.enter(&copied)
	d.want("the copy", err, authn.SignInRefused, record.Forbidden)
	_, _, err = d.enter(key)
	d.want("the first one, from then on", err, authn.SignInRefused, record.Forbidden)
	told := false
	for _, a := range d.store.Acts() {
		told = told || a.Action == authn.ActPasskeyCloned && a.Subject.String() == u.ID
	}
	got, _ := d.store.Passkey(t.Context(), p.ID)
	if !told || got.ClonedAt.IsZero() {
		t.Errorf("told %v, passkey %+v", told, got)
	}
	if m, _ := d.Signs(t.Context(), sess, node); m != record.SignedPassword {
		t.Errorf("signs by %s", m)
	}

	d = newDoor(t, nil)
	d.user("a.officer")
	sess, _ = d.signIn("a.officer")
	key, _ = d.enrol(sess)
	key.Counter, key.Still = 0, true
	raw, _ := d.store.Passkey(t.Context(), key.ID)
	_ = d.store.UpdatePasskey(d.ctx(), key.ID, record.Act{}, func(p *authn.Passkey) error { p.Counter = 0; return nil })
	for range 2 {
		if _, _, err := d.enter(key); err != nil {
			t.Errorf("without a counter: %v (was %d)", err, raw.Counter)
		}
	}
}

func TestEnrolling(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	sess, _ := d.signIn("a.officer")
	_, err := d.OfferPasskey(t.Context(), sess, node, "wrong-password-typed", "")
	d.want("wrong password", err, authn.PasswordWrong, record.Forbidden)
	_, err = d.OfferPasskey(t.Context(), sess, authn.Origin{URL: "https://192.0.2.1"}, goodPassword, "")
	d.want("at an address", err, "", record.Invalid)
	for _, c := range []struct {
		name string
		turn func(*authntest.Authenticator)
		want authn.Reason
	}{
		{"of another host", func(k *authntest.Authenticator) { k.RP = "evil.example" }, authn.PasskeyBad},
		{"at another origin", func(k *authntest.Authenticator) { k.Origin = "https://evil.example" }, authn.PasskeyBad},
		{"nobody verified", func(k *authntest.Authenticator) { k.Flags = 0x01 }, authn.PasskeyBad},
	} {
		ask, err := d.OfferPasskey(t.Context(), sess, node, goodPassword, "")
		if err != nil {
			t.Fatal(err)
		}
		key := authntest.NewAuthenticator(node.RP, node.URL)
		c.turn(key)
		client, attestation := key.Create(ask.Challenge, []byte(ask.User.ID))
		_, err = d.AddPasskey(t.Context(), sess, "key", client, attestation, nil)
		d.want(c.name, err, c.want, record.Invalid)
		key = authntest.NewAuthenticator(node.RP, node.URL)
		client, attestation = key.Create(ask.Challenge, []byte(ask.User.ID))
		_, err = d.AddPasskey(t.Context(), sess, "key", client, attestation, nil)
		d.want(c.name+", again", err, authn.ChallengeGone, record.Conflict)
	}
	key, p := d.enrol(sess)
	ask, _ := d.OfferPasskey(t.Context(), sess, node, goodPassword, "")
	if len(ask.Exclude) != 1 || string(ask.Exclude[0].ID) != string(p.ID) {
		t.Errorf("excluded %v", ask.Exclude)
	}
	client, attestation := key.Create(ask.Challenge, []byte(ask.User.ID))
	_, err = d.AddPasskey(t.Context(), sess, "key", client, attestation, nil)
	d.want("the same authenticator", err, "", record.Conflict)
	ask, _ = d.OfferPasskey(t.Context(), sess, node, goodPassword, "")
	d.later(2 * time.Minute)
	client, attestation = authntest.NewAuthenticator(node.RP, node.URL).Create(ask.Challenge, nil)
	_, err = d.AddPasskey(t.Context(), sess, "key", client, attestation, nil)
	d.want("late", err, authn.ChallengeGone, record.Conflict)
	_, err = d.AddPasskey(t.Context(), sess, " \n ", client, attestation, nil)
	d.want("without a name", err, authn.PasskeyBad, record.Invalid)
}

// FuzzAddPasskey proves that no answer of an authenticator makes the node fail.
func FuzzAddPasskey(f *testing.F) {
	key := authntest.NewAuthenticator(node.RP, node.URL)
	_, attestation := key.Create([]byte("0123456789abcdef"), []byte("u"))
	f.Add(attestation)
	f.Fuzz(func(t *testing.T, attestation []byte) {
		d := newDoor(t, nil)
		d.user("a.officer")
		sess, _ := d.signIn("a.officer")
		ask, err := d.OfferPasskey(t.Context(), sess, node, goodPassword, "")
		if err != nil {
			t.Fatal(err)
		}
		client, _ := key.Create(ask.Challenge, nil)
		p, err := d.AddPasskey(t.Context(), sess, "key", client, attestation, nil)
		if err == nil && (len(p.ID) == 0 || len(p.Key) == 0) {
			t.Errorf("accepted %+v", p)
		}
		if k := record.KindOf(err); err != nil && k != record.Invalid {
			t.Errorf("kind %q: %v", k, err)
		}
	})
}

func TestOwnPasskeysOnly(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	d.user("b.officer")
	mine, _ := d.signIn("a.officer")
	theirs, _ := d.signIn("b.officer")
	key, p := d.enrol(mine)
	d.want("name another's", d.NamePasskey(t.Context(), theirs, p.ID, "mine"), "", record.NotFound)
	d.want("remove another's", d.RemovePasskey(t.Context(), theirs, p.ID, goodPassword, ""), "", record.NotFound)
	d.want("remove without password", d.RemovePasskey(t.Context(), mine, p.ID, "", ""), authn.PasswordWrong, record.Forbidden)
	if err := d.NamePasskey(t.Context(), mine, p.ID, "Safe"); err != nil {
		t.Fatal(err)
	}
	if got, _ := d.Passkeys(t.Context(), mine.UserID); len(got) != 1 || got[0].Name != "Safe" {
		t.Errorf("passkeys %+v", got)
	}
	if err := d.RemovePasskey(t.Context(), mine, p.ID, goodPassword, ""); err != nil {
		t.Fatal(err)
	}
	if a := d.lastAct(); a.Action != record.ActPasskeyRemove || a.IDs != record.PasskeyMark(p.ID, p.Key) {
		t.Errorf("audit row %+v", a)
	}
	_, _, err := d.enter(key)
	d.want("removed", err, authn.SignInRefused, record.Forbidden)

	_, token := d.signIn("a.officer")
	d.enrol(mine)
	if err := d.RemovePasskeys(d.ctx(), mine.UserID); err != nil {
		t.Fatal(err)
	}
	if got, _ := d.Passkeys(t.Context(), mine.UserID); len(got) != 0 {
		t.Errorf("left %+v", got)
	}
	d.lives("after the administrator took the keys away", token, false)
}

var intent = authn.Intent{Action: "decide", Topic: "hit", Subject: record.ID{7}, Revision: "abc", Verdict: "confirmed", Reason: "document",
	Details: map[string]string{"text": "look", "instruction": "detain"}}

// row is the act as a store would write it.
func (d *door) row(sess authn.Session, in authn.Intent, sig *record.Signature) record.Act {
	return record.Act{At: d.now, User: sess.UserID, Action: in.Action, Topic: in.Topic, Subject: in.Subject, Verdict: in.Verdict, Reason: in.Reason, Signature: sig}
}

// TestSignedByPasskey proves that the signature is over exactly the act, that it verifies from the row alone, and that any
// change of the row breaks it.
func TestSignedByPasskey(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	sess, _ := d.signIn("a.officer")
	key, p := d.enrol(sess)
	c, err := d.Ask(t.Context(), sess, node, intent)
	if err != nil || c.Method != record.SignedPasskey || len(c.Passkeys) != 1 || c.RP != node.RP {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, want := range []string{"decide", "confirmed", "document", "abc", sess.UserID} {
		if !strings.Contains(c.Statement, want) {
			t.Errorf("%q is not in the statement:\n%s", want, c.Statement)
		}
	}
	answer := key.Get(c.Challenge)
	sig, err := d.Sign(t.Context(), sess, node, intent, authn.Proof{Challenge: c.Challenge, Assertion: &answer})
	if err != nil || sig.Method != record.SignedPasskey {
		t.Fatal(err)
	}
	row := d.row(sess, intent, sig)
	if err := audit.VerifySignature(row); err != nil {
		t.Fatalf("the row of a good act: %v", err)
	}
	if row.Statement() != c.Statement || string(sig.Credential) != string(p.ID) {
		t.Errorf("signed:\n%s\nshown:\n%s", row.Statement(), c.Statement)
	}
	for name, change := range map[string]func(*record.Act, *record.Signature){
		"user":     func(a *record.Act, _ *record.Signature) { a.User += "x" },
		"action":   func(a *record.Act, _ *record.Signature) { a.Action = "erase" },
		"subject":  func(a *record.Act, _ *record.Signature) { a.Subject[0]++ },
		"verdict":  func(a *record.Act, _ *record.Signature) { a.Verdict = "dismissed" },
		"reason":   func(a *record.Act, _ *record.Signature) { a.Reason = "owner" },
		"later":    func(a *record.Act, _ *record.Signature) { a.At = a.At.Add(time.Hour) },
		"earlier":  func(a *record.Act, _ *record.Signature) { a.At = a.At.Add(-time.Hour) },
		"revision": func(_ *record.Act, s *record.Signature) { s.Revision = "abd" },
		"details": func(_ *record.Act, s *record.Signature) {
			s.Details = record.DetailsHash(s.Nonce, map[string]string{"text": "x"})
		},
		"window":        func(_ *record.Act, s *record.Signature) { s.Until = s.Until.Add(time.Hour) },
		"nonce":         func(_ *record.Act, s *record.Signature) { s.Nonce = make([]byte, 32) },
		"host":          func(_ *record.Act, s *record.Signature) { s.RP = "evil.example" },
		"method":        func(_ *record.Act, s *record.Signature) { s.Method = "handshake" },
		"authenticator": func(_ *record.Act, s *record.Signature) { s.Authenticator = append([]byte{}, s.Authenticator[:33]...) },
		"counter": func(_ *record.Act, s *record.Signature) {
			s.Authenticator = append([]byte{}, s.Authenticator...)
			s.Authenticator[36]++
		},
		"challenge": func(a *record.Act, s *record.Signature) {
			a.Reason = "owner"
			c := a.Challenge()
			s.Signed = c[:]
		},
		"another key": func(_ *record.Act, s *record.Signature) {
			_, other := newKey(t)
			s.Key = other
		},
		"value": func(_ *record.Act, s *record.Signature) { s.Value = append([]byte{}, s.Value[:8]...) },
	} {
		changed, s := row, *sig
		changed.Signature = &s
		change(&changed, &s)
		if audit.VerifySignature(changed) == nil {
			t.Errorf("%s: a changed row verifies", name)
		}
	}
}

// newKey is a passkey of somebody else.
func newKey(t *testing.T) (*authntest.Authenticator, []byte) {
	d := newDoor(t, nil)
	d.user("z.officer")
	sess, _ := d.signIn("z.officer")
	key, p := d.enrol(sess)
	return key, p.Key
}

// TestSignIsRefused proves that a proof serves one act, once, in its session, in its time, at its address, by its method.
func TestSignIsRefused(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	sess, _ := d.signIn("a.officer")
	again, _ := d.signIn("a.officer")
	key, _ := d.enrol(sess)
	ask := func() authn.Challenge {
		c, err := d.Ask(t.Context(), sess, node, intent)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	try := func(s authn.Session, at authn.Origin, in authn.Intent, c authn.Challenge) error {
		answer := key.Get(c.Challenge)
		_, err := d.Sign(t.Context(), s, at, in, authn.Proof{Challenge: c.Challenge, Assertion: &answer})
		return err
	}
	first, c, last := ask(), ask(), ask() // three tabs
	if err := try(sess, node, intent, c); err != nil {
		t.Fatal(err)
	}
	d.want("twice, while others are open", try(sess, node, intent, c), authn.ChallengeGone, record.Conflict)
	for _, open := range []authn.Challenge{first, last} {
		if err := try(sess, node, intent, open); err != nil {
			t.Errorf("another tab's: %v", err)
		}
	}
	d.want("twice", try(sess, node, intent, c), authn.ChallengeGone, record.Conflict)
	d.want("in another session", try(again, node, intent, ask()), authn.ChallengeGone, record.Conflict)
	d.want("at another address", try(sess, authn.Origin{URL: "https://other.example", RP: "other.example"}, intent, ask()), authn.ChallengeGone, record.Conflict)
	for name, change := range map[string]func(*authn.Intent){
		"reason":      func(in *authn.Intent) { in.Reason = "owner" },
		"verdict":     func(in *authn.Intent) { in.Verdict = "dismissed" },
		"subject":     func(in *authn.Intent) { in.Subject[1]++ },
		"revision":    func(in *authn.Intent) { in.Revision = "x" },
		"action":      func(in *authn.Intent) { in.Action = "erase" },
		"instruction": func(in *authn.Intent) { in.Details = map[string]string{"text": "look", "instruction": "discreet"} },
	} {
		other := intent
		change(&other)
		d.want("another "+name, try(sess, node, other, ask()), authn.ActChanged, record.Conflict)
	}
	c = ask()
	_, err := d.Sign(t.Context(), sess, node, intent, authn.Proof{Challenge: c.Challenge, Password: goodPassword})
	d.want("password beside a passkey", err, authn.PasskeyBad, record.Invalid)
	c = ask()
	d.later(2*time.Minute + time.Second)
	d.want("late", try(sess, node, intent, c), authn.ChallengeGone, record.Conflict)
	if _, err := d.Authenticate(t.Context(), ""); err == nil {
		t.Error("no token signs in")
	}
}

// TestSignedByPasswordAndCode proves that codes are asked for where they are enrolled, each used once, and that the method in
// the log says which it was.
func TestSignedByPasswordAndCode(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	sess, _ := d.signIn("a.officer")
	sign := func(password, code string) (*record.Signature, error) {
		c, err := d.Ask(t.Context(), sess, node, intent)
		if err != nil {
			t.Fatal(err)
		}
		return d.Sign(t.Context(), sess, node, intent, authn.Proof{Challenge: c.Challenge, Password: password, Code: code})
	}
	sig, err := sign(goodPassword, "")
	if err != nil || sig.Method != record.SignedPassword {
		t.Fatalf("%+v, %v", sig, err)
	}
	if err := audit.VerifySignature(d.row(sess, intent, sig)); err != nil {
		t.Error(err)
	}
	secret := enrolCodes(d, sess)
	d.later(time.Minute)
	_, err = sign(goodPassword, "")
	d.want("without a code", err, authn.CodeWrong, record.Invalid)
	_, err = sign(goodPassword, "000000")
	d.want("wrong code", err, authn.CodeWrong, record.Invalid)
	_, err = sign("wrong-password-typed", codeAt(t, secret, d.now))
	d.want("wrong password", err, authn.PasswordWrong, record.Forbidden)
	sig, err = sign(goodPassword, codeAt(t, secret, d.now))
	if err != nil || sig.Method != record.SignedCode {
		t.Fatalf("%+v, %v", sig, err)
	}
	_, err = sign(goodPassword, codeAt(t, secret, d.now))
	d.want("the code again", err, authn.CodeWrong, record.Invalid)
}

func codeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// enrolCodes puts one-time codes into use and gives their secret.
func enrolCodes(d *door, sess authn.Session) string {
	d.Helper()
	e, err := d.OfferTOTP(d.Context(), sess, goodPassword)
	if err != nil {
		d.Fatal(err)
	}
	if err := d.ConfirmTOTP(d.Context(), sess, codeAt(d.T, e.Secret, d.now)); err != nil {
		d.Fatal(err)
	}
	return e.Secret
}
