package authn_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"sarhad/internal/authn"
	"sarhad/record"
)

func TestSessionLimits(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	_, token := d.signIn("a.officer")
	d.later(30*time.Minute - time.Second)
	d.lives("just before the idle limit", token, true)
	d.later(time.Second)
	d.lives("at the idle limit", token, false)

	_, token = d.signIn("a.officer")
	for range 47 {
		d.later(15 * time.Minute)
		if _, err := d.Authenticate(t.Context(), token); err != nil {
			t.Fatalf("a session in use ended: %v", err)
		}
	}
	d.later(15*time.Minute - time.Second)
	d.lives("just before 12 h", token, true)
	d.later(time.Second)
	d.lives("at 12 h", token, false)

	_, token = d.signIn("a.officer")
	d.later(-time.Hour)
	d.lives("the clock set back by an hour", token, false)
}

// An event stream that asks again and again keeps no forgotten screen open.
func TestPeekIsNoUse(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	_, token := d.signIn("a.officer")
	for range 29 {
		d.later(time.Minute)
		d.lives("peek", token, true)
	}
	d.later(time.Minute)
	d.lives("after half an hour of peeks", token, false)
}

func TestUseIsWrittenOnceAMinute(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	first, token := d.signIn("a.officer")
	seen := func() time.Time {
		s, err := d.store.Session(t.Context(), first.ID)
		if err != nil {
			t.Fatal(err)
		}
		return s.SeenAt
	}
	d.later(59 * time.Second)
	_, _ = d.Authenticate(t.Context(), token)
	if !seen().Equal(first.SeenAt) {
		t.Error("use was written within the minute")
	}
	d.later(time.Second)
	_, _ = d.Authenticate(t.Context(), token)
	if !seen().Equal(d.now) {
		t.Errorf("seen %s, want %s", seen(), d.now)
	}
}

func TestSignOutAndRevoke(t *testing.T) {
	d := newDoor(t, nil)
	u, other := d.user("a.officer"), d.user("b.officer")
	_, one := d.signIn("a.officer")
	d.later(time.Second)
	two, twoToken := d.signIn("a.officer")
	_, foreign := d.signIn("b.officer")

	list, err := d.SessionsOf(t.Context(), u.ID)
	if err != nil || len(list) != 2 || list[0].ID != two.ID {
		t.Fatalf("sessions %+v, %v, want two, the newest first", list, err)
	}
	if err := d.SignOut(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	d.lives("signed out", one, false)
	if err := d.SignOut(t.Context(), one); err != nil {
		t.Errorf("signing out twice: %v", err)
	}
	err = d.Revoke(d.ctx(), other.ID, two.ID)
	d.want("revoke somebody else's", err, "", record.NotFound)
	d.lives("not revoked", twoToken, true)
	if err := d.Revoke(d.ctx(), u.ID, two.ID); err != nil {
		t.Fatal(err)
	}
	d.lives("revoked", twoToken, false)
	if list, _ := d.SessionsOf(t.Context(), u.ID); len(list) != 0 {
		t.Errorf("%d sessions left", len(list))
	}
	_, one = d.signIn("a.officer")
	if err := d.RevokeAll(d.ctx(), u.ID); err != nil {
		t.Fatal(err)
	}
	d.lives("all revoked", one, false)
	d.lives("of somebody else", foreign, true)
}

func TestPrune(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	d.signIn("a.officer")
	d.later(20 * time.Minute)
	_, token := d.signIn("a.officer")
	d.later(11 * time.Minute)
	n, err := d.Prune(t.Context())
	if n != 1 || err != nil {
		t.Errorf("pruned %d, %v, want the idle one", n, err)
	}
	d.lives("the other", token, true)
}

func TestPurpose(t *testing.T) {
	mine := "0195bd2c-0000-7000-8000-000000000001"
	d := newDoor(t, func(c *authn.Config) {
		c.Idle = 24 * time.Hour
		c.Assigned = func(_ context.Context, _ authn.User, p record.Purpose) error {
			if p.Kind == "case" && p.Ref != mine {
				return record.Errorf(record.Forbidden, "not your case")
			}
			return nil
		}
	})
	d.user("a.officer")
	sess, token := d.signIn("a.officer")
	for _, c := range []struct {
		name string
		p    record.Purpose
		kind record.ErrorKind
	}{
		{"unknown kind", record.Purpose{Kind: "curiosity", Text: "I wonder who"}, record.Invalid},
		{"case without reference", record.Purpose{Kind: "case", Text: "Case 12"}, record.Invalid},
		{"case without text", record.Purpose{Kind: "case", Ref: mine}, record.Invalid},
		{"free too short", record.Purpose{Kind: "free", Text: "look"}, record.Invalid},
		{"free with reference", record.Purpose{Kind: "free", Ref: mine, Text: "look around here"}, record.Invalid},
		{"too long", record.Purpose{Kind: "free", Text: strings.Repeat("ж", 301)}, record.Invalid},
		{"not assigned", record.Purpose{Kind: "case", Ref: "other", Text: "Case 13"}, record.Forbidden},
	} {
		if _, err := d.SetPurpose(t.Context(), sess, c.p); record.KindOf(err) != c.kind {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	sess, err := d.SetPurpose(t.Context(), sess, record.Purpose{Kind: "case", Ref: mine, Text: "Case 12", Until: d.now.Add(1000 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if a := d.lastAct(); a.Action != authn.ActPurpose || a.Purpose.Ref != mine || a.User != sess.UserID {
		t.Errorf("audit row %+v", a)
	}
	d.later(8*time.Hour - time.Second)
	got, err := d.Authenticate(t.Context(), token)
	if err != nil || got.Purpose.Ref != mine || got.Actor(d.now).Purpose.Ref != mine {
		t.Errorf("before 8 h: %+v, %v", got.Purpose, err)
	}
	d.later(time.Second)
	got, err = d.Authenticate(t.Context(), token)
	if err != nil || got.Purpose != (record.Purpose{}) {
		t.Errorf("at 8 h: %+v, %v, want none", got.Purpose, err)
	}
	if p := sess.Actor(d.now).Purpose; p.Kind != "" {
		t.Errorf("a session held since then still acts for %+v", p)
	}
	sess, _ = d.SetPurpose(t.Context(), got, record.Purpose{Kind: "free", Text: "Сверка списка рейсов"})
	if sess, err = d.SetPurpose(t.Context(), sess, record.Purpose{}); err != nil || sess.Purpose.Kind != "" {
		t.Errorf("ending a purpose: %+v, %v", sess.Purpose, err)
	}
}
