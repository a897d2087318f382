package authn_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/internal/authn"
	"sarhad/internal/authn/authntest"
	"sarhad/record"
)

// cheap makes argon2id a matter of microseconds: these tests are about what
// happens around it.
var cheap = authn.Params{Memory: 16, Passes: 1, Lanes: 1, Salt: 8, Key: 16}

const (
	goodPassword = "ladder-violet-copper-noon"
	nextPassword = "basalt-kettle-meadow-nine"
	booth        = "192.0.2.7:51000"
)

// door is a Service over a memory store with a clock that tests turn.
type door struct {
	*testing.T
	*authn.Service
	store *authntest.Memory
	now   time.Time
}

func newDoor(t *testing.T, change func(*authn.Config)) *door {
	d := &door{T: t, store: authntest.NewMemory(), now: time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC)}
	c := authn.Config{Now: func() time.Time { return d.now }, Rand: rand.NewChaCha8([32]byte{1}), Params: cheap}
	if change != nil {
		change(&c)
	}
	d.Service = authn.New(d.store, c)
	return d
}

func (d *door) ctx() context.Context {
	return record.WithActor(d.Context(), record.Actor{User: "0195bd2c-0000-7000-8000-000000000900"})
}

func (d *door) later(by time.Duration) { d.now = d.now.Add(by) }

func (d *door) user(name string) authn.User {
	d.Helper()
	u, err := d.CreateUser(d.ctx(), name, authn.Profile{Display: "Test Officer", Agency: "KNB", Place: "ALA", Roles: []string{"analyst"}, Lang: "ru"}, goodPassword, false)
	if err != nil {
		d.Fatal(err)
	}
	return u
}

func (d *door) signIn(name string) (authn.Session, string) {
	d.Helper()
	sess, token, err := d.SignIn(d.Context(), name, goodPassword, "", booth)
	if err != nil {
		d.Fatal(err)
	}
	return sess, token
}

func (d *door) want(what string, err error, reason authn.Reason, kind record.ErrorKind) {
	d.Helper()
	if authn.ReasonOf(err) != reason || record.KindOf(err) != kind {
		d.Errorf("%s: %v is reason %q kind %q, want %q %q", what, err, authn.ReasonOf(err), record.KindOf(err), reason, kind)
	}
}

func (d *door) lives(what, token string, want bool) {
	d.Helper()
	_, err := d.Peek(d.Context(), token)
	if want && err != nil {
		d.Errorf("%s: the session ended: %v", what, err)
	}
	if !want {
		d.want(what, err, authn.NoSession, record.Forbidden)
	}
}

func (d *door) lastAct() record.Act {
	d.Helper()
	acts := d.store.Acts()
	if len(acts) == 0 {
		d.Fatal("no audit row")
	}
	return acts[len(acts)-1]
}

func TestSignInGivesASession(t *testing.T) {
	d := newDoor(t, nil)
	u := d.user("a.officer")
	sess, token, err := d.SignIn(t.Context(), " A.Officer ", goodPassword, "", booth)
	if err != nil {
		t.Fatal(err)
	}
	if sess.User.ID != u.ID || sess.Address != "192.0.2.7" || len(token) != 43 || len(sess.ID) != 64 {
		t.Errorf("session %+v, token of %d characters", sess, len(token))
	}
	got, err := d.Authenticate(t.Context(), token)
	if err != nil || got.User.Name != "a.officer" || got.ID != sess.ID {
		t.Errorf("Authenticate: %+v, %v", got, err)
	}
	if a := d.lastAct(); a.Action != authn.ActSignIn || a.User != u.ID || a.Subject.String() != u.ID {
		t.Errorf("audit row %+v", a)
	}
	for _, bad := range []string{"", "x", token[:42], token + "A", token + "\n", strings.Repeat("A", 43), sess.ID} {
		_, err := d.Authenticate(t.Context(), bad)
		d.want("token "+bad, err, authn.NoSession, record.Forbidden)
	}
}

// The store and its audit never see what would let somebody in.
func TestNothingSecretIsKeptOrShown(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	sess, token := d.signIn("a.officer")
	_, _, err := d.SignIn(t.Context(), "a.officer", "typed-by-mistake-here", "", booth)
	u, _ := d.UserByName(t.Context(), "a.officer")
	shown, _ := json.Marshal([]any{sess, u, d.store.Acts()})
	for _, secret := range []string{token, goodPassword, u.PasswordHash, "typed-by-mistake-here"} {
		if bytes.Contains(shown, []byte(secret)) || strings.Contains(err.Error(), secret) {
			t.Errorf("%q is shown", secret)
		}
	}
	acts, _ := json.Marshal(d.store.Acts())
	if bytes.Contains(acts, []byte("a.officer")) || bytes.Contains(acts, []byte("Test Officer")) {
		t.Errorf("a name is in the audit: %s", acts)
	}
	if strings.Contains(err.Error(), "a.officer") {
		t.Errorf("a name is in the operator's text: %v", err)
	}
	if strings.Contains(u.PasswordHash, goodPassword) {
		t.Error("the hash holds the password")
	}
}

// Unknown name, wrong password and disabled user: same error, same count of
// tries, same memory spent on the hash, one audit row each.
func TestSignInTellsNothingApart(t *testing.T) {
	costly := cheap
	costly.Memory = 4 << 10
	d := newDoor(t, func(c *authn.Config) { c.Params = costly })
	d.user("real")
	gone := d.user("gone")
	if err := d.SetDisabled(d.ctx(), gone.ID, true); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, password, why string }{
		{"real", "wrong-password-typed", "password"},
		{"nobody", "wrong-password-typed", "unknown-name"},
		{"имя не для входа", "wrong-password-typed", "unknown-name"},
		{"gone", goodPassword, "disabled"},
		{"gone", "wrong-password-typed", "password"},
		{"real", strings.Repeat("long", 2<<20), "password"},
	}
	var messages []string
	for _, c := range cases {
		before := len(d.store.Acts())
		var err error
		spent := allocated(func() { _, _, err = d.SignIn(t.Context(), c.name, c.password, "", booth) })
		d.want(c.name, err, authn.SignInRefused, record.Forbidden)
		messages = append(messages, record.MessageOf(err))
		if spent < 4<<20 || spent > 5<<20 {
			t.Errorf("%s %.10q: spent %d KiB, want one hash of 4 MiB", c.name, c.password, spent>>10)
		}
		if n := len(d.store.Acts()) - before; n != 1 || d.lastAct().Reason != c.why {
			t.Errorf("%s: %d audit rows, last reason %q, want %q", c.name, n, d.lastAct().Reason, c.why)
		}
	}
	for _, m := range messages {
		if m != messages[0] {
			t.Errorf("the door says %q here and %q there", m, messages[0])
		}
	}
}

func TestSignInLimitsANameKnownOrNot(t *testing.T) {
	d := newDoor(t, nil)
	d.user("real")
	for i, name := range []string{"real", "nobody"} {
		remote := []string{"192.0.2.1:1", "192.0.2.2:1"}[i]
		for range 5 {
			_, _, err := d.SignIn(t.Context(), name, "wrong-password-typed", "", remote)
			d.want(name, err, authn.SignInRefused, record.Forbidden)
		}
		_, _, err := d.SignIn(t.Context(), name, goodPassword, "", remote)
		d.want(name+" 6th", err, authn.TooManyTries, record.Unavailable)
		if got := authn.RetryAfter(err); got != 3*time.Minute {
			t.Errorf("%s: wait %s, want 3m", name, got)
		}
		if authn.Status(err) != 429 {
			t.Errorf("status %d", authn.Status(err))
		}
	}
	d.later(3 * time.Minute)
	d.signIn("real")
}

// However often somebody tries, the lock is gone after one step.
func TestLockNeverGrows(t *testing.T) {
	d := newDoor(t, nil)
	d.user("real")
	for range 3000 {
		_, _, _ = d.SignIn(t.Context(), "real", "wrong-password-typed", "", "192.0.2.1:1")
		d.later(time.Second)
	}
	_, _, err := d.SignIn(t.Context(), "real", "wrong-password-typed", "", "192.0.2.1:1")
	if got := authn.RetryAfter(err); got > 3*time.Minute {
		t.Errorf("wait %s after a long attack, want at most 3m", got)
	}
	d.later(authn.RetryAfter(err))
	d.signIn("real")
}

func TestAddressLimit(t *testing.T) {
	d := newDoor(t, nil)
	d.user("real")
	for i := range 20 {
		name := strings.Repeat("n", i+2)
		_, _, err := d.SignIn(t.Context(), name, "wrong-password-typed", "", "[2001:db8::1]:"+"443")
		d.want(name, err, authn.SignInRefused, record.Forbidden)
	}
	_, _, err := d.SignIn(t.Context(), "real", goodPassword, "", "[2001:db8::ffff]:1")
	d.want("same /64", err, authn.TooManyTries, record.Unavailable)
	if got := authn.RetryAfter(err); got != 30*time.Second {
		t.Errorf("wait %s, want 30s", got)
	}
	if _, _, err := d.SignIn(t.Context(), "real", goodPassword, "", "[2001:db8:0:1::1]:1"); err != nil {
		t.Errorf("another network: %v", err)
	}
}

// Right passwords are not counted: a busy office is no attack.
func TestSuccessIsNotCounted(t *testing.T) {
	d := newDoor(t, nil)
	d.user("real")
	for range 60 {
		d.signIn("real")
	}
}

func TestOthersDoNotLockOutAnOwnerAtTheirAddress(t *testing.T) {
	d := newDoor(t, nil)
	d.user("real")
	d.signIn("real")
	for range 10 {
		_, _, _ = d.SignIn(t.Context(), "real", "wrong-password-typed", "", "203.0.113.9:1")
	}
	_, _, err := d.SignIn(t.Context(), "real", goodPassword, "", "203.0.113.10:1")
	d.want("elsewhere", err, authn.TooManyTries, record.Unavailable)
	d.signIn("real")
	d.later(31 * 24 * time.Hour)
	for range 5 {
		_, _, _ = d.SignIn(t.Context(), "real", "wrong-password-typed", "", "203.0.113.9:1")
	}
	_, _, err = d.SignIn(t.Context(), "real", goodPassword, "", booth)
	d.want("a month later", err, authn.TooManyTries, record.Unavailable)
}

// Tries that arrive together are counted before any is compared.
func TestParallelTriesAreCounted(t *testing.T) {
	d := newDoor(t, nil)
	d.user("real")
	var mu sync.Mutex
	compared := 0
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			_, _, err := d.SignIn(t.Context(), "real", "wrong-password-typed", "", booth)
			if authn.ReasonOf(err) == authn.SignInRefused {
				mu.Lock()
				compared++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if compared != 5 {
		t.Errorf("%d of 40 tries were compared, want 5", compared)
	}
}

func TestBusy(t *testing.T) {
	d := newDoor(t, nil)
	release := d.FillHashing()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := d.SignIn(ctx, "nobody", goodPassword, "", booth)
	d.want("all places taken", err, authn.Busy, record.Unavailable)
	release()
	_, _, err = d.SignIn(t.Context(), "nobody", goodPassword, "", booth)
	d.want("places free again", err, authn.SignInRefused, record.Forbidden)
}

func TestRehashAtSignIn(t *testing.T) {
	d := newDoor(t, nil)
	u := d.user("a.officer")
	stronger := cheap
	stronger.Memory = 64
	d.Service = authn.New(d.store, authn.Config{Now: func() time.Time { return d.now }, Params: stronger})
	_, token := d.signIn("a.officer")
	after, _ := d.User(t.Context(), u.ID)
	if !strings.Contains(after.PasswordHash, "$m=64,t=1,p=1$") {
		t.Errorf("the hash is still %q", after.PasswordHash)
	}
	d.lives("after the rehash", token, true)
	n := len(d.store.Acts())
	d.signIn("a.officer")
	if len(d.store.Acts()) != n+1 {
		t.Error("the second sign-in hashed again")
	}
	_, _, err := d.SignIn(t.Context(), "a.officer", "wrong-password-typed", "", booth)
	d.want("wrong password", err, authn.SignInRefused, record.Forbidden)
}

func TestStoreFailureIsNoRefusal(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	_, token := d.signIn("a.officer")
	down := &record.Error{Kind: record.Unavailable, Message: "the disk is full", Err: errors.New("ENOSPC")}
	d.store.Fail(down)
	if _, err := d.Authenticate(t.Context(), token); !errors.Is(err, down) {
		t.Errorf("Authenticate: %v", err)
	}
	if _, _, err := d.SignIn(t.Context(), "a.officer", goodPassword, "", booth); !errors.Is(err, down) {
		t.Errorf("SignIn: %v", err)
	}
	d.store.Fail(nil)
	d.lives("after the failure", token, true)
}
