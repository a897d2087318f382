package authn_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"sarhad/internal/authn"
	"sarhad/record"
)

// allocated returns how many bytes f allocated; argon2id allocates its memory
// cost, so this counts computed hashes without a clock.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestCreateUser(t *testing.T) {
	d := newDoor(t, nil)
	good := authn.Profile{Display: " Гүлнар Т. ", Agency: "KNB", Roles: []string{"supervisor", "analyst", "analyst"}, Lang: "kk"}
	u, err := d.CreateUser(d.ctx(), " G.Officer", good, goodPassword, true)
	if err != nil {
		t.Fatal(err)
	}
	if u.Name != "g.officer" || u.Display != "Гүлнар Т." || strings.Join(u.Roles, " ") != "analyst supervisor" || !u.MustChange {
		t.Errorf("user %+v", u)
	}
	if id, err := record.ParseID(u.ID); err != nil || id[6]>>4 != 7 {
		t.Errorf("id %q is no UUIDv7: %v", u.ID, err)
	}
	if a := d.lastAct(); a.Action != authn.ActUserCreate || a.Subject.String() != u.ID || a.User == u.ID {
		t.Errorf("audit row %+v", a)
	}
	noRole, noDisplay, emptyRole := good, good, good
	noRole.Roles, noDisplay.Display, emptyRole.Roles = nil, "  ", []string{""}
	for _, c := range []struct {
		what, name string
		p          authn.Profile
		password   string
		reason     authn.Reason
		kind       record.ErrorKind
	}{
		{"taken", "G.OFFICER", good, goodPassword, authn.NameTaken, record.Conflict},
		{"short", "g", good, goodPassword, authn.NameBad, record.Invalid},
		{"long", strings.Repeat("g", 65), good, goodPassword, authn.NameBad, record.Invalid},
		{"space", "g officer", good, goodPassword, authn.NameBad, record.Invalid},
		{"Cyrillic а", "аdmin", good, goodPassword, authn.NameBad, record.Invalid},
		{"no role", "h.officer", noRole, goodPassword, authn.ProfileBad, record.Invalid},
		{"empty role", "h.officer", emptyRole, goodPassword, authn.ProfileBad, record.Invalid},
		{"no display", "h.officer", noDisplay, goodPassword, authn.ProfileBad, record.Invalid},
		{"short password", "h.officer", good, "short", authn.PasswordShort, record.Invalid},
		{"obvious password", "h.officer", good, "h.officer2026", authn.PasswordObvious, record.Invalid},
	} {
		_, err := d.CreateUser(d.ctx(), c.name, c.p, c.password, false)
		d.want(c.what, err, c.reason, c.kind)
	}
	if all, _ := d.ListUsers(t.Context()); len(all) != 1 {
		t.Errorf("%d users, want 1", len(all))
	}
}

func TestSetPasswordForcesAChangeAndEndsSessions(t *testing.T) {
	d := newDoor(t, nil)
	u := d.user("a.officer")
	_, token := d.signIn("a.officer")
	if err := d.SetPassword(d.ctx(), u.ID, nextPassword); err != nil {
		t.Fatal(err)
	}
	d.lives("session of the old password", token, false)
	_, _, err := d.SignIn(t.Context(), "a.officer", goodPassword, "", booth)
	d.want("old password", err, authn.SignInRefused, record.Forbidden)
	sess, _, err := d.SignIn(t.Context(), "a.officer", nextPassword, "", booth)
	if err != nil || !sess.User.MustChange {
		t.Errorf("new password: %v, must change %v", err, sess.User.MustChange)
	}
	d.want("of nobody", d.SetPassword(d.ctx(), "0195bd2c-0000-7000-8000-00000000ffff", nextPassword), "", record.NotFound)
	d.want("obvious", d.SetPassword(d.ctx(), u.ID, "Password1234"), authn.PasswordObvious, record.Invalid)
}

func TestChangePassword(t *testing.T) {
	d := newDoor(t, nil)
	u := d.user("a.officer")
	if err := d.SetPassword(d.ctx(), u.ID, goodPassword); err != nil {
		t.Fatal(err)
	}
	_, elsewhere := d.signIn("a.officer")
	sess, token := d.signIn("a.officer")
	_, err := d.ChangePassword(t.Context(), sess, "wrong-password-typed", nextPassword)
	d.want("wrong present one", err, authn.PasswordWrong, record.Forbidden)
	_, err = d.ChangePassword(t.Context(), sess, goodPassword, goodPassword)
	d.want("the same", err, authn.PasswordSame, record.Invalid)
	_, err = d.ChangePassword(t.Context(), sess, goodPassword, "qwertyuiop[]")
	d.want("obvious", err, authn.PasswordObvious, record.Invalid)
	d.lives("after refusals", token, true)

	d.later(time.Minute)
	sess, err = d.ChangePassword(t.Context(), sess, goodPassword, nextPassword)
	if err != nil {
		t.Fatal(err)
	}
	if sess.User.MustChange {
		t.Error("the session still has to change the password")
	}
	d.lives("this session", token, true)
	d.lives("the session elsewhere", elsewhere, false)
	if got, _ := d.Peek(t.Context(), token); got.User.MustChange || !got.User.PasswordAt.Equal(d.now) {
		t.Errorf("stored: must change %v, set %s", got.User.MustChange, got.User.PasswordAt)
	}
	if _, _, err := d.SignIn(t.Context(), "a.officer", nextPassword, "", booth); err != nil {
		t.Error(err)
	}
}

// A screen left open is no place to guess at leisure.
func TestChangePasswordIsLimited(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	sess, _ := d.signIn("a.officer")
	for range 5 {
		_, err := d.ChangePassword(t.Context(), sess, "wrong-password-typed", nextPassword)
		d.want("guess", err, authn.PasswordWrong, record.Forbidden)
	}
	_, err := d.ChangePassword(t.Context(), sess, goodPassword, nextPassword)
	d.want("6th", err, authn.TooManyTries, record.Unavailable)
}

func TestDisable(t *testing.T) {
	d := newDoor(t, nil)
	u := d.user("a.officer")
	_, token := d.signIn("a.officer")
	if err := d.SetDisabled(d.ctx(), u.ID, true); err != nil {
		t.Fatal(err)
	}
	d.lives("disabled", token, false)
	_, _, err := d.SignIn(t.Context(), "a.officer", goodPassword, "", booth)
	d.want("disabled", err, authn.SignInRefused, record.Forbidden)
	if err := d.SetDisabled(d.ctx(), u.ID, false); err != nil {
		t.Fatal(err)
	}
	d.lives("enabled again, the old session", token, false)
	d.signIn("a.officer")
}

func TestProfileReachesLiveSessions(t *testing.T) {
	d := newDoor(t, nil)
	u := d.user("a.officer")
	_, token := d.signIn("a.officer")
	if err := d.SetProfile(d.ctx(), u.ID, authn.Profile{Display: "Other", Agency: "GTK", Roles: []string{"oversight"}, Lang: "en"}); err != nil {
		t.Fatal(err)
	}
	sess, err := d.Peek(t.Context(), token)
	if err != nil || !sess.User.HasRole("oversight") || sess.User.HasRole("analyst") || sess.User.Place != "" {
		t.Errorf("session's user %+v, %v", sess.User, err)
	}
	if a := sess.Actor(d.now); a.User != u.ID || a.Agency != "GTK" || a.Roles[0] != "oversight" || a.Machine {
		t.Errorf("actor %+v", a)
	}
}

func TestNewPassword(t *testing.T) {
	d := newDoor(t, nil)
	seen := map[string]bool{}
	for range 200 {
		p, err := d.NewPassword()
		if err != nil {
			t.Fatal(err)
		}
		if len(p) != 19 || strings.Count(p, "-") != 3 || strings.ContainsAny(p, "01lio5suv") {
			t.Fatalf("password %q", p)
		}
		if err := authn.CheckPassword(p, 0, authn.User{}); err != nil {
			t.Errorf("%q: %v", p, err)
		}
		seen[p] = true
	}
	if len(seen) != 200 {
		t.Errorf("%d different of 200", len(seen))
	}
}

func TestSetLangChangesTheLanguageAlone(t *testing.T) {
	d := newDoor(t, nil)
	u := d.user("a.officer")
	if err := d.SetProfile(d.ctx(), u.ID, authn.Profile{Display: "Other", Agency: "GTK", Roles: []string{"oversight"}, Lang: "en"}); err != nil {
		t.Fatal(err)
	}
	if err := d.SetLang(d.ctx(), u.ID, "ru"); err != nil {
		t.Fatal(err)
	}
	got, err := d.User(t.Context(), u.ID)
	if err != nil || got.Lang != "ru" || got.Display != "Other" || got.Agency != "GTK" || !got.HasRole("oversight") {
		t.Errorf("after the language: %+v, %v", got, err)
	}
	d.want("of nobody", d.SetLang(d.ctx(), "0195bd2c-0000-7000-8000-00000000ffff", "ru"), "", record.NotFound)
}
