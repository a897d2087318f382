package authntest

import (
	"context"
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
