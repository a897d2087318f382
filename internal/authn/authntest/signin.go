package authntest

import (
	"context"
	"strings"
	"testing"
	"time"

	"sarhad/internal/authn"
	"sarhad/record"
)

func passkey(n byte, owner authn.User) authn.Passkey {
	return authn.Passkey{ID: []byte{n, 0, 255}, UserID: owner.ID, RP: "node.example", Name: "Синий брелок", Key: []byte{1, 2, n}, Counter: 7,
		Transports: []string{"internal", "usb"}, CreatedAt: start.Add(time.Duration(n) * time.Second), UsedAt: start.Add(time.Hour), ClonedAt: start.Add(2 * time.Hour)}
}

func passkeyRound(t *testing.T, ctx context.Context, s authn.Store, rows func() int) {
	u, other := user(1, "one"), user(2, "two")
	must(t, s.InsertUser(ctx, u, act("user-create", 1)))
	must(t, s.InsertUser(ctx, other, act("user-create", 2)))
	b, a, c := passkey(2, u), passkey(1, u), passkey(3, other)
	c.UsedAt, c.ClonedAt, c.Transports = time.Time{}, time.Time{}, nil
	for _, p := range []authn.Passkey{b, a, c} {
		must(t, s.InsertPasskey(ctx, p, act("passkey-add", 1)))
	}
	wantKind(t, "the same id", s.InsertPasskey(ctx, a, act("passkey-add", 1)), record.Conflict)
	got, err := s.PasskeysOf(ctx, u.ID)
	must(t, err)
	same(t, "passkeys oldest first", got, []authn.Passkey{a, b})
	one, err := s.Passkey(ctx, c.ID)
	must(t, err)
	same(t, "passkey", one, c)
	_, err = s.Passkey(ctx, []byte("none"))
	wantKind(t, "no passkey", err, record.NotFound)
	wantRows(t, rows, 5)
	must(t, s.UpdatePasskey(ctx, a.ID, act("passkey-name", 1), func(p *authn.Passkey) error {
		p.Name, p.Counter, p.UsedAt, p.ClonedAt = "other", 9, start, time.Time{}
		p.UserID, p.RP, p.Key, p.CreatedAt = other.ID, "evil.example", []byte{9}, start.Add(time.Hour)
		return nil
	}))
	a.Name, a.Counter, a.UsedAt, a.ClonedAt = "other", 9, start, time.Time{}
	one, err = s.Passkey(ctx, a.ID)
	must(t, err)
	same(t, "passkey after", one, a)
	wantRows(t, rows, 6)
	must(t, s.UpdatePasskey(t.Context(), a.ID, record.Act{}, func(p *authn.Passkey) error { p.Counter = 10; return nil }))
	wantRows(t, rows, 6)
	must(t, s.DeletePasskey(ctx, a.ID, act("passkey-remove", 1)))
	wantKind(t, "delete twice", s.DeletePasskey(ctx, a.ID, act("passkey-remove", 1)), record.NotFound)
	wantKind(t, "update none", s.UpdatePasskey(ctx, a.ID, act("passkey-name", 1), func(*authn.Passkey) error { return nil }), record.NotFound)
	wantRows(t, rows, 7)
}

func deviceRound(t *testing.T, ctx context.Context, s authn.Store, rows func() int) {
	u := user(1, "one")
	must(t, s.InsertUser(ctx, u, act("user-create", 1)))
	d := authn.Device{ID: strings.Repeat("ab", 32), Name: "Левый ПК", MarkedBy: u.ID, CreatedAt: start}
	must(t, s.InsertDevice(ctx, d, act("device-share", 1)))
	wantKind(t, "the same id", s.InsertDevice(ctx, d, act("device-share", 1)), record.Conflict)
	got, err := s.Device(ctx, d.ID)
	must(t, err)
	same(t, "device", got, d)
	_, err = s.Device(ctx, "none")
	wantKind(t, "no device", err, record.NotFound)

	late, early, elsewhere := session(1, u, start.Add(time.Hour)), session(2, u, start), session(3, u, start)
	late.Device, early.Device = d.ID, d.ID
	early.PIN, early.PINTries, early.LockedAt, early.Secret = "$argon2id$x", 3, start.Add(time.Minute), []byte{1, 0, 255}
	early.Purpose = record.Purpose{Kind: "duty", Text: "Смена", Since: start}
	for _, x := range []authn.Session{late, early, elsewhere} {
		must(t, s.InsertSession(ctx, x, act("sign-in", 1)))
	}
	at, err := s.SessionsAt(ctx, d.ID)
	must(t, err)
	same(t, "sessions on the device", at, []authn.Session{early, late})
	none, err := s.SessionsAt(ctx, "")
	must(t, err)
	if len(none) != 0 {
		t.Errorf("%d sessions on no device", len(none))
	}
	must(t, s.UpdateSession(ctx, late.ID, record.Act{}, func(x *authn.Session) error {
		x.PIN, x.PINTries, x.LockedAt, x.Secret = "p", 1, start, []byte{9}
		return nil
	}))
	late.PIN, late.PINTries, late.LockedAt, late.Secret = "p", 1, start, []byte{9}
	one, err := s.Session(ctx, late.ID)
	must(t, err)
	same(t, "a parked session", one, late)
	wantRows(t, rows, 5)

	must(t, s.RenewSession(ctx, early.ID, act("session-unlock", 1), func(x *authn.Session) error {
		x.ID, x.LockedAt, x.PINTries, x.SeenAt, x.Address = strings.Repeat("ef", 32), time.Time{}, 0, start.Add(time.Hour), "192.0.2.9"
		x.UserID, x.CreatedAt = id(9), start.Add(time.Hour)
		return nil
	}))
	renewed := early
	renewed.ID, renewed.LockedAt, renewed.PINTries, renewed.SeenAt, renewed.Address = strings.Repeat("ef", 32), time.Time{}, 0, start.Add(time.Hour), "192.0.2.9"
	one, err = s.Session(ctx, renewed.ID)
	must(t, err)
	same(t, "the renewed session", one, renewed)
	_, err = s.Session(ctx, early.ID)
	wantKind(t, "the session under its former id", err, record.NotFound)
	wantKind(t, "renew none", s.RenewSession(ctx, early.ID, act("session-unlock", 1), func(*authn.Session) error { return nil }), record.NotFound)

	// A parked session outlives idleness, not its shift.
	n, err := s.PruneSessions(ctx, start, start.Add(100*time.Hour))
	must(t, err)
	if n != 1 {
		t.Errorf("pruned %d, want the one without a PIN", n)
	}
	must(t, s.DeleteDevice(ctx, d.ID, late.ID, act("device-unshare", 1)))
	_, err = s.Session(ctx, renewed.ID)
	wantKind(t, "another session on the device that is gone", err, record.NotFound)
	one, err = s.Session(ctx, late.ID)
	must(t, err)
	if one.Device != "" || one.PIN != "" {
		t.Errorf("the session that is kept: %+v", one)
	}
	wantKind(t, "delete twice", s.DeleteDevice(ctx, d.ID, "", act("device-unshare", 1)), record.NotFound)
}
