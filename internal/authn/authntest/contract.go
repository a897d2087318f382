package authntest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sarhad/internal/authn"
	"sarhad/record"
)

var start = time.Date(2026, 3, 2, 20, 15, 0, 123456000, time.UTC)

// Contract tests what authn expects of a Store. fresh returns an empty one;
// rows returns how many audit rows the store of the last fresh holds.
func Contract(t *testing.T, fresh func(t *testing.T) authn.Store, rows func() int) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, context.Context, authn.Store, func() int)
	}{
		{"user without loss", userRound},
		{"names and ids are unique", userUnique},
		{"update user", userUpdate},
		{"a failed change writes nothing", changeFails},
		{"updates do not overlap", updatesSerial},
		{"session without loss", sessionRound},
		{"update session", sessionUpdate},
		{"list, delete and prune sessions", sessionEnds},
		{"an act needs an actor", actNeedsActor},
		{"passkeys", passkeyRound},
		{"shared devices", deviceRound},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := record.WithActor(t.Context(), record.Actor{User: id(900), Agency: "KNB"})
			c.test(t, ctx, fresh(t), rows)
		})
	}
}

func id(n int) string { return fmt.Sprintf("0195bd2c-0000-7000-8000-%012d", n) }

func act(action string, n int) record.Act {
	subject, _ := record.ParseID(id(n))
	return record.Act{Action: action, Subject: subject}
}

func user(n int, name string) authn.User {
	return authn.User{
		ID: id(n), Name: name, Display: "Әсел Нұрланқызы", Agency: "KNB", Place: "ALA",
		Roles: []string{"analyst", "supervisor"}, Lang: "ru", Disabled: true, MustChange: true,
		PasswordHash: "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", PasswordAt: start.Add(time.Hour),
		TOTPSecret: "JBSWY3DPEHPK3PXP", TOTPPending: "KRSXG5CTMVRXEZLU", TOTPStep: 59_000_001, Epoch: 7, CreatedAt: start,
	}
}

func session(n int, owner authn.User, created time.Time) authn.Session {
	return authn.Session{
		ID: strings.Repeat(fmt.Sprintf("%02x", n), 32), UserID: owner.ID, Epoch: 7,
		CreatedAt: created, SeenAt: created.Add(time.Minute), Address: "2001:db8::17",
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t *testing.T, what string, err error, kind record.ErrorKind) {
	t.Helper()
	if record.KindOf(err) != kind {
		t.Errorf("%s: error %v of kind %q, want kind %q", what, err, record.KindOf(err), kind)
	}
}

func wantRows(t *testing.T, rows func() int, want int) {
	t.Helper()
	if got := rows(); got != want {
		t.Errorf("%d audit rows, want %d", got, want)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, d)
	}
}

func userRound(t *testing.T, ctx context.Context, s authn.Store, rows func() int) {
	b, a := user(2, "b.officer"), authn.User{ID: id(1), Name: "a.officer", Display: "A", Roles: []string{"border"}, CreatedAt: start, PasswordAt: start}
	must(t, s.InsertUser(ctx, b, act("user-create", 2)))
	must(t, s.InsertUser(ctx, a, act("user-create", 1)))
	got, err := s.User(ctx, b.ID)
	must(t, err)
	same(t, "User", got, b)
	got, err = s.UserByName(ctx, "a.officer")
	must(t, err)
	same(t, "UserByName", got, a)
	all, err := s.ListUsers(ctx)
	must(t, err)
	same(t, "ListUsers", all, []authn.User{a, b})
	_, err = s.User(ctx, id(3))
	wantKind(t, "User nobody", err, record.NotFound)
	for _, name := range []string{"nobody", "", "A.OFFICER", "a_officer", "a%"} {
		_, err = s.UserByName(ctx, name)
		wantKind(t, "UserByName "+name, err, record.NotFound)
	}
	got, err = s.User(ctx, b.ID)
	must(t, err)
	got.Roles[0] = "administrator"
	again, err := s.User(ctx, b.ID)
	must(t, err)
	same(t, "a user after the caller changed their copy", again, b)
	wantRows(t, rows, 2)
}

func userUnique(t *testing.T, ctx context.Context, s authn.Store, rows func() int) {
	must(t, s.InsertUser(ctx, user(1, "one"), act("user-create", 1)))
	wantKind(t, "same name", s.InsertUser(ctx, user(2, "one"), act("user-create", 2)), record.Conflict)
	wantKind(t, "same id", s.InsertUser(ctx, user(1, "two"), act("user-create", 1)), record.Conflict)
	wantRows(t, rows, 1)
}

func userUpdate(t *testing.T, ctx context.Context, s authn.Store, rows func() int) {
	u := user(1, "one")
	must(t, s.InsertUser(ctx, u, act("user-create", 1)))
	must(t, s.UpdateUser(ctx, u.ID, act("user-change", 1), func(got *authn.User) error {
		same(t, "the user given to change", *got, u)
		*got = authn.User{ID: id(9), Name: "nine", Display: "D", Roles: []string{"x"}, TOTPStep: 5, Epoch: 8, PasswordAt: start, CreatedAt: start.Add(time.Hour)}
		return nil
	}))
	got, err := s.User(ctx, u.ID)
	must(t, err)
	same(t, "the user after", got, authn.User{ID: u.ID, Name: u.Name, Display: "D", Roles: []string{"x"}, TOTPStep: 5, Epoch: 8, PasswordAt: start, CreatedAt: u.CreatedAt})
	wantRows(t, rows, 2)
	called := false
	err = s.UpdateUser(ctx, id(5), act("user-change", 5), func(*authn.User) error { called = true; return nil })
	wantKind(t, "update nobody", err, record.NotFound)
	if called {
		t.Error("change was called for a user who does not exist")
	}
	wantRows(t, rows, 2)
}

func changeFails(t *testing.T, ctx context.Context, s authn.Store, rows func() int) {
	u := user(1, "one")
	must(t, s.InsertUser(ctx, u, act("user-create", 1)))
	sess := session(1, u, start)
	must(t, s.InsertSession(ctx, sess, act("sign-in", 1)))
	no := authn.CodeWrong
	err := s.UpdateUser(ctx, u.ID, act("user-change", 1), func(u *authn.User) error { u.Epoch = 99; return no })
	if !errors.Is(err, no) {
		t.Errorf("UpdateUser returned %v, want the error of change", err)
	}
	err = s.UpdateSession(ctx, sess.ID, act("purpose-set", 1), func(s *authn.Session) error { s.Epoch = 99; return no })
	if !errors.Is(err, no) {
		t.Errorf("UpdateSession returned %v, want the error of change", err)
	}
	got, err := s.User(ctx, u.ID)
	must(t, err)
	same(t, "the user", got, u)
	gotS, err := s.Session(ctx, sess.ID)
	must(t, err)
	same(t, "the session", gotS, sess)
	wantRows(t, rows, 2)
}

func updatesSerial(t *testing.T, ctx context.Context, s authn.Store, _ func() int) {
	u := user(1, "one")
	u.Epoch = 0
	must(t, s.InsertUser(ctx, u, act("user-create", 1)))
	const n = 20
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			err := s.UpdateUser(ctx, u.ID, act("user-change", 1), func(u *authn.User) error { u.Epoch++; return nil })
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := s.User(ctx, u.ID)
	must(t, err)
	if got.Epoch != n {
		t.Errorf("%d updates side by side counted to %d", n, got.Epoch)
	}
}

func sessionRound(t *testing.T, ctx context.Context, s authn.Store, rows func() int) {
	u := user(1, "one")
	must(t, s.InsertUser(ctx, u, act("user-create", 1)))
	plain, full := session(1, u, start), session(2, u, start.Add(time.Hour))
	full.Purpose = record.Purpose{Kind: "hit", Ref: id(7), Text: "Совпадение", Since: start, Until: start.Add(8 * time.Hour)}
	withUser := full
	withUser.User = u
	must(t, s.InsertSession(ctx, plain, act("sign-in", 1)))
	must(t, s.InsertSession(ctx, withUser, act("sign-in", 1)))
	for _, want := range []authn.Session{plain, full} {
		got, err := s.Session(ctx, want.ID)
		must(t, err)
		same(t, "session", got, want)
	}
	_, err := s.Session(ctx, strings.Repeat("0", 64))
	wantKind(t, "no session", err, record.NotFound)
	wantRows(t, rows, 3)
}

func sessionUpdate(t *testing.T, ctx context.Context, s authn.Store, rows func() int) {
	u := user(1, "one")
	must(t, s.InsertUser(ctx, u, act("user-create", 1)))
	sess := session(1, u, start)
	must(t, s.InsertSession(ctx, sess, act("sign-in", 1)))
	purpose := record.Purpose{Kind: "free", Text: "Проверка", Since: start, Until: start.Add(time.Hour)}
	must(t, s.UpdateSession(ctx, sess.ID, act("purpose-set", 1), func(s *authn.Session) error {
		s.SeenAt, s.Purpose, s.Epoch = start.Add(5*time.Minute), purpose, 8
		s.UserID, s.Address, s.CreatedAt = id(9), "192.0.2.1", start.Add(time.Hour)
		return nil
	}))
	want := sess
	want.SeenAt, want.Purpose, want.Epoch = start.Add(5*time.Minute), purpose, 8
	got, err := s.Session(ctx, sess.ID)
	must(t, err)
	same(t, "the session after", got, want)
	wantRows(t, rows, 3)
	// Use of a session leaves no row, and needs no actor.
	must(t, s.UpdateSession(t.Context(), sess.ID, record.Act{}, func(s *authn.Session) error { s.Purpose = record.Purpose{}; return nil }))
	want.Purpose = record.Purpose{}
	got, err = s.Session(ctx, sess.ID)
	must(t, err)
	same(t, "the session without purpose", got, want)
	wantRows(t, rows, 3)
	err = s.UpdateSession(ctx, strings.Repeat("0", 64), act("purpose-set", 1), func(*authn.Session) error { return nil })
	wantKind(t, "update no session", err, record.NotFound)
	wantRows(t, rows, 3)
}

func sessionEnds(t *testing.T, ctx context.Context, s authn.Store, rows func() int) {
	u, other := user(1, "one"), user(2, "two")
	must(t, s.InsertUser(ctx, u, act("user-create", 1)))
	must(t, s.InsertUser(ctx, other, act("user-create", 2)))
	a, b, c := session(1, u, start), session(2, u, start.Add(time.Hour)), session(3, other, start)
	d := session(4, u, start.Add(2*time.Hour))
	d.SeenAt = start.Add(-time.Hour)
	for _, x := range []authn.Session{a, b, c, d} {
		must(t, s.InsertSession(ctx, x, act("sign-in", 1)))
	}
	got, err := s.SessionsOf(ctx, u.ID)
	must(t, err)
	same(t, "sessions newest first", got, []authn.Session{d, b, a})
	must(t, s.DeleteSession(ctx, b.ID, act("sign-out", 1)))
	wantRows(t, rows, 7)
	wantKind(t, "delete twice", s.DeleteSession(ctx, b.ID, act("sign-out", 1)), record.NotFound)
	wantRows(t, rows, 7)
	// At the very limit nothing goes.
	n, err := s.PruneSessions(ctx, start, start.Add(-time.Hour))
	must(t, err)
	if n != 0 {
		t.Errorf("pruned %d at the limit, want 0", n)
	}
	n, err = s.PruneSessions(ctx, start.Add(time.Microsecond), start.Add(-time.Hour).Add(time.Microsecond))
	must(t, err)
	if n != 3 {
		t.Errorf("pruned %d, want a and c by age and d by idleness", n)
	}
	wantRows(t, rows, 7)
}

func actNeedsActor(t *testing.T, ctx context.Context, s authn.Store, rows func() int) {
	must(t, s.WriteAct(ctx, act("sign-in-refused", 1)))
	wantRows(t, rows, 1)
	wantKind(t, "act of nobody", s.WriteAct(t.Context(), act("sign-in-refused", 1)), record.Forbidden)
	u := user(1, "one")
	wantKind(t, "user by nobody", s.InsertUser(t.Context(), u, act("user-create", 1)), record.Forbidden)
	_, err := s.User(ctx, u.ID)
	wantKind(t, "the user whose audit row failed", err, record.NotFound)
	wantRows(t, rows, 1)
}
