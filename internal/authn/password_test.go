package authn_test

import (
	"strings"
	"testing"

	"sarhad/internal/authn"
)

func TestCheckPassword(t *testing.T) {
	u := authn.User{Name: "d.seitkali", Display: "Динара Сейткали", Agency: "KNB"}
	const fine = authn.Reason("")
	for _, c := range []struct {
		password string
		want     authn.Reason
	}{
		{"ladder-violet-copper-noon", fine},
		{"корова ест сено утром", fine},
		{"vT9#kq2LmZ!x", fine},
		{"84720195736284", fine},
		{"пастух7озеро", fine},
		{"", authn.PasswordShort},
		{"vT9#kq2LmZ!", authn.PasswordShort},
		{"ғұқңөүһі1234", fine}, // eight letters remain beside the run
		{strings.Repeat("слово длинное ", 19), authn.PasswordLong},
		{"password1234", authn.PasswordObvious},
		{"P@ssw0rd2026", authn.PasswordObvious},
		{"Qwerty123456", authn.PasswordObvious},
		{"йцукен123456", authn.PasswordObvious},
		{"qwertyuiop[]", authn.PasswordObvious},
		{"123456789012", authn.PasswordObvious},
		{"098765432109", authn.PasswordObvious},
		{"1qaz2wsx3edc", authn.PasswordObvious},
		{"aaaaaaaaaaaaaaaa", authn.PasswordObvious},
		{"xyzq7xyzq7xyzq7", authn.PasswordObvious},
		{"k2k2k2k2k2k2k2", authn.PasswordObvious},
		{"Samarkand2026!", authn.PasswordObvious},
		{"Ташкент-2026", authn.PasswordObvious},
		{"Sarhad-Admin-1", authn.PasswordObvious},
		{"seitkali-1990", authn.PasswordObvious},
		{"СЕЙТКАЛИ_12345", authn.PasswordObvious},
		{"динара-knb-99", authn.PasswordObvious},
		{"passwordpassword", authn.PasswordObvious},
		{"welcome.border!", authn.PasswordObvious},
	} {
		if got := authn.ReasonOf(authn.CheckPassword(c.password, 0, u)); got != c.want {
			t.Errorf("%q: %q, want %q", c.password, got, c.want)
		}
	}
	// What is obvious for one is not for another.
	if err := authn.CheckPassword("seitkali-zhusan-1990", 0, authn.User{}); err != nil {
		t.Error(err)
	}
	if got := authn.ReasonOf(authn.CheckPassword("vT9#kq2LmZ!x", 16, u)); got != authn.PasswordShort {
		t.Errorf("with a least length of 16: %q", got)
	}
}

// Whatever is typed, the check ends and asks for the least length.
func FuzzCheckPassword(f *testing.F) {
	for _, s := range []string{"", "password1234", "йцукен123456", "\xff\xfe", "ﬀﬀﬀﬀﬀﬀ", strings.Repeat("a\u0301", 40)} {
		f.Add(s, "a.officer", "Ә")
	}
	f.Fuzz(func(t *testing.T, password, name, display string) {
		err := authn.CheckPassword(password, 0, authn.User{Name: name, Display: display})
		if err == nil && len(password) < 4 {
			t.Errorf("%q was accepted", password)
		}
	})
}
