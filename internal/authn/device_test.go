package authn_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/internal/authn"
	"sarhad/record"
)

const pin = "402917"

// shared is a door with a shared device and an officer who works at it behind a PIN.
func shared(t *testing.T) (d *door, device string, sess authn.Session, token string) {
	t.Helper()
	d = newDoor(t, nil)
	d.user("a.officer")
	sess, token = d.signIn("a.officer")
	_, device, err := d.MarkShared(t.Context(), sess, "", " Duty room, left ")
	if err != nil {
		t.Fatal(err)
	}
	sess, err = d.Peek(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SetPIN(t.Context(), sess, device, pin, ""); err != nil {
		t.Fatal(err)
	}
	return d, device, sess, token
}

func (d *door) lock(sess authn.Session) {
	d.Helper()
	if err := d.Lock(d.Context(), sess); err != nil {
		d.Fatal(err)
	}
}

// TestSwitch proves that a locked session opens nothing, that the PIN gives it back under a new token with the shift, the
// purpose and the secret it had, and that the old token stays dead.
func TestSwitch(t *testing.T) {
	d, device, sess, token := shared(t)
	sess, err := d.SetPurpose(t.Context(), sess, record.Purpose{Kind: "duty", Text: "Screening, this shift"})
	if err != nil {
		t.Fatal(err)
	}
	d.lock(sess)
	d.lives("locked", token, false)
	d.later(time.Hour) // longer than any screen may idle
	if n, err := d.Prune(t.Context()); err != nil || n != 0 {
		t.Errorf("pruned %d: %v", n, err)
	}
	parked, err := d.Parked(t.Context(), device)
	if err != nil || len(parked) != 1 || parked[0].ID != sess.ID || parked[0].Display != "Test Officer" {
		t.Fatalf("parked %+v, %v", parked, err)
	}
	back, next, err := d.Unlock(t.Context(), device, sess.ID, pin, booth)
	if err != nil {
		t.Fatal(err)
	}
	if next == token || back.ID == sess.ID || !back.CreatedAt.Equal(sess.CreatedAt) || back.Purpose != sess.Purpose || string(back.Secret) != string(sess.Secret) || len(back.Secret) != 32 {
		t.Errorf("back %+v of %+v", back, sess)
	}
	d.lives("unlocked", next, true)
	d.lives("the old token", token, false)
	if a := d.lastAct(); a.Action != authn.ActUnlock || a.User != sess.UserID {
		t.Errorf("audit row %+v", a)
	}
}

func TestAParkedSessionEndsWithItsShift(t *testing.T) {
	d, device, sess, _ := shared(t)
	d.lock(sess)
	d.later(authn.DefaultAbsolute - time.Second)
	if parked, _ := d.Parked(t.Context(), device); len(parked) != 1 {
		t.Errorf("parked %+v", parked)
	}
	back, next, err := d.Unlock(t.Context(), device, sess.ID, pin, booth)
	if err != nil {
		t.Fatal(err)
	}
	d.lock(back)
	d.later(time.Second)
	if parked, _ := d.Parked(t.Context(), device); len(parked) != 0 {
		t.Errorf("after the shift: %+v", parked)
	}
	_, _, err = d.Unlock(t.Context(), device, back.ID, pin, booth)
	d.want("after the shift", err, authn.PINEnded, record.Conflict)
	d.lives("after the shift", next, false)
}

// TestPINIsWorthNothingWithoutTheDevice proves that neither the database nor another browser can try PINs.
func TestPINIsWorthNothingWithoutTheDevice(t *testing.T) {
	d, device, sess, _ := shared(t)
	d.lock(sess)
	for name, token := range map[string]string{"no device": "", "an unknown one": strings.Repeat("A", 43)} {
		_, _, err := d.Unlock(t.Context(), token, sess.ID, pin, booth)
		d.want(name, err, "", record.NotFound)
	}
	other, _ := d.signIn("a.officer")
	_, elsewhere, err := d.MarkShared(t.Context(), other, "", "Booth 3")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = d.Unlock(t.Context(), elsewhere, sess.ID, pin, booth)
	d.want("another shared device", err, authn.PINEnded, record.Conflict)
	stored, _ := d.store.Session(t.Context(), sess.ID)
	for _, guess := range []string{pin, "sarhad pin v1 " + pin, authn.BoundPIN("", pin), authn.BoundPIN(elsewhere, pin)} {
		if ok, _, _ := authn.VerifyHash(stored.PIN, guess); ok || strings.Contains(stored.PIN, guess) {
			t.Error("the stored hash is of the PIN alone")
		}
	}
	if ok, _, _ := authn.VerifyHash(stored.PIN, authn.BoundPIN(device, pin)); !ok {
		t.Error("the stored hash is not of the PIN and the device")
	}
}

func TestFiveWrongPINsEndTheSession(t *testing.T) {
	d, device, sess, _ := shared(t)
	d.lock(sess)
	for range 4 {
		_, _, err := d.Unlock(t.Context(), device, sess.ID, "111222", booth)
		d.want("wrong", err, authn.PINWrong, record.Forbidden)
	}
	if back, _, err := d.Unlock(t.Context(), device, sess.ID, pin, booth); err != nil {
		t.Fatalf("the fifth, right: %v", err)
	} else {
		d.lock(back)
		sess = back
	}
	for range 4 { // counted from the right one
		_, _, err := d.Unlock(t.Context(), device, sess.ID, "111222", booth)
		d.want("wrong", err, authn.PINWrong, record.Forbidden)
	}
	_, _, err := d.Unlock(t.Context(), device, sess.ID, "111222", booth)
	d.want("the fifth wrong one", err, authn.PINEnded, record.Conflict)
	if a := d.lastAct(); a.Action != authn.ActPINEnd {
		t.Errorf("audit row %+v", a)
	}
	_, _, err = d.Unlock(t.Context(), device, sess.ID, pin, booth)
	d.want("the right one, too late", err, authn.PINEnded, record.Conflict)
	if parked, _ := d.Parked(t.Context(), device); len(parked) != 0 {
		t.Errorf("parked %+v", parked)
	}
}

// TestPINsSideBySideCount proves that many tries at once are no more than five.
func TestPINsSideBySideCount(t *testing.T) {
	d, device, sess, _ := shared(t)
	d.lock(sess)
	var wg sync.WaitGroup
	var mu sync.Mutex
	wrong := 0
	for range 20 {
		wg.Go(func() {
			_, _, err := d.Unlock(t.Context(), device, sess.ID, "111222", booth)
			mu.Lock()
			defer mu.Unlock()
			if authn.ReasonOf(err) == authn.PINWrong {
				wrong++
			}
		})
	}
	wg.Wait()
	if wrong > 4 {
		t.Errorf("%d PINs were looked at and refused, want at most 4 before the end", wrong)
	}
	if _, err := d.store.Session(t.Context(), sess.ID); record.KindOf(err) != record.NotFound {
		t.Errorf("the session goes on: %v", err)
	}
}

func TestChoosingAPIN(t *testing.T) {
	d, device, sess, token := shared(t)
	for _, bad := range []string{"", "12345", "1234567", "12345a", "１２３４５６", "111111", "123456", "654321"} {
		d.want("PIN "+bad, d.SetPIN(t.Context(), sess, device, bad, goodPassword), authn.PINBad, record.Invalid)
	}
	sess, _ = d.Peek(t.Context(), token)
	d.want("another one without the password", d.SetPIN(t.Context(), sess, device, "300411", ""), authn.PasswordWrong, record.Forbidden)
	if err := d.SetPIN(t.Context(), sess, device, "300411", goodPassword); err != nil {
		t.Error(err)
	}
	plain, _ := d.signIn("a.officer")
	d.want("not on this device", d.SetPIN(t.Context(), plain, device, pin, ""), authn.DeviceBad, record.Conflict)
	d.want("lock without a PIN", d.Lock(t.Context(), plain), authn.PINNeeded, record.Conflict)
	if err := d.Settle(t.Context(), plain, sess.Device); err != nil {
		t.Fatal(err)
	}
	plain.Device = sess.Device
	d.later(6 * time.Minute)
	d.want("long after sign-in", d.SetPIN(t.Context(), plain, device, pin, ""), authn.PasswordWrong, record.Forbidden)
}

// TestASharedScreenLocksByItself proves that the node locks what the browser forgot to.
func TestASharedScreenLocksByItself(t *testing.T) {
	d, device, sess, token := shared(t)
	d.later(6 * time.Minute)
	d.lives("a little idle", token, true)
	d.later(time.Minute)
	d.lives("left alone", token, false)
	if _, _, err := d.Unlock(t.Context(), device, sess.ID, pin, booth); err != nil {
		t.Errorf("by PIN: %v", err)
	}
}

func TestSharedNoLonger(t *testing.T) {
	d, device, sess, token := shared(t)
	d.user("b.officer")
	other, theirs := d.signIn("b.officer")
	if err := d.Settle(t.Context(), other, sess.Device); err != nil {
		t.Fatal(err)
	}
	other, _ = d.Peek(t.Context(), theirs)
	if err := d.SetPIN(t.Context(), other, device, pin, ""); err != nil {
		t.Fatal(err)
	}
	d.lock(other)
	if err := d.UnmarkShared(t.Context(), sess, device); err != nil {
		t.Fatal(err)
	}
	d.lives("who said so", token, true)
	if _, err := d.store.Session(t.Context(), other.ID); record.KindOf(err) != record.NotFound {
		t.Errorf("the parked session of the other: %v", err)
	}
	_, err := d.DeviceOf(t.Context(), device)
	d.want("the device", err, "", record.NotFound)
	_, _, err = d.MarkShared(t.Context(), sess, "", "  ")
	d.want("without a name", err, authn.DeviceBad, record.Invalid)
}

func TestWhoIsDisabledIsNotUnlocked(t *testing.T) {
	for name, change := range map[string]func(*door, string) error{
		"disabled":         func(d *door, id string) error { return d.SetDisabled(d.ctx(), id, true) },
		"another password": func(d *door, id string) error { return d.SetPassword(d.ctx(), id, nextPassword) },
		"revoked":          func(d *door, id string) error { return d.RevokeAll(d.ctx(), id) },
	} {
		d, device, sess, _ := shared(t)
		d.lock(sess)
		if err := change(d, sess.UserID); err != nil {
			t.Fatal(err)
		}
		_, _, err := d.Unlock(t.Context(), device, sess.ID, pin, booth)
		d.want(name, err, authn.PINEnded, record.Conflict)
	}
}
