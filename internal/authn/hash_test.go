package authn_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"sarhad/internal/authn"
)

// Made by the reference program: echo -n "password" | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32 -e,
// as printed in the test suite of the reference implementation (phc-winner-argon2, src/test.c, version 0x13, Argon2id).
const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

func TestHashAgainstTheReference(t *testing.T) {
	ok, p, err := authn.VerifyHash(reference, "password")
	if !ok || err != nil || p != (authn.Params{Memory: 65536, Passes: 2, Lanes: 1, Salt: 8, Key: 32}) {
		t.Errorf("got %v %+v %v", ok, p, err)
	}
	if ok, _, _ := authn.VerifyHash(reference, "Password"); ok {
		t.Error("a wrong password was accepted")
	}
}

func TestHashRoundTrip(t *testing.T) {
	a, err := cheap.Hash("пароль с пробелами", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := cheap.Hash("пароль с пробелами", rand.Reader)
	if a == b {
		t.Error("two hashes of one password are equal: the salt is not fresh")
	}
	for password, want := range map[string]bool{"пароль с пробелами": true, "пароль с пробелами ": false, "": false} {
		if ok, p, err := authn.VerifyHash(a, password); ok != want || err != nil || p != cheap {
			t.Errorf("%q: %v %+v %v", password, ok, p, err)
		}
	}
}

// "й" as one sign and as "и" with a breve are the same key on two keyboards.
func TestHashIgnoresHowLettersAreComposed(t *testing.T) {
	h, _ := cheap.Hash("зимний вечер", rand.Reader)
	if ok, _, _ := authn.VerifyHash(h, "зимнии\u0306 вечер"); !ok {
		t.Error("the same letters in decomposed form were refused")
	}
}

func TestHashRefusesParameters(t *testing.T) {
	for _, p := range []authn.Params{
		{Memory: 16, Passes: 1, Salt: 8, Key: 16}, {Memory: 7, Passes: 1, Lanes: 1, Salt: 8, Key: 16},
		{Memory: 16, Lanes: 1, Salt: 8, Key: 16}, {Memory: 16, Passes: 1, Lanes: 1, Salt: 7, Key: 16},
		{Memory: 16, Passes: 1, Lanes: 1, Salt: 8, Key: 15}, {Memory: 2 << 20, Passes: 1, Lanes: 1, Salt: 8, Key: 16},
	} {
		if _, err := p.Hash("x", rand.Reader); err == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
	if _, err := authn.DefaultParams.Hash("x", rand.Reader); err != nil {
		t.Error(err)
	}
}

var damaged = []string{
	"", "$", "password", "$argon2i$v=19$m=16,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	"$argon2id$v=16$m=16,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	"$argon2id$v=19$m=16,t=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	"$argon2id$v=19$m=16,t=1,p=1,x=2$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	"$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	"$argon2id$v=19$m=16,t=4294967295,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	"$argon2id$v=19$m=16,t=1,p=0$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	"$argon2id$v=19$m=16,t=1,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA",
	"$argon2id$v=19$m=16,t=1,p=1$AAAAAAAAAAA$AAAA", "$argon2id$v=19$m=16,t=1,p=1$AAAAAAAAAAA$",
	"$argon2id$v=19$m=16,t=1,p=1$A!AAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
}

func TestDamagedHashIsAnErrorNotARefusal(t *testing.T) {
	for _, s := range damaged {
		if ok, _, err := authn.VerifyHash(s, "password"); ok || err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%q: %v %v", s, ok, err)
		}
	}
}

// Whatever is read is bounded, and comes out as it went in.
func FuzzVerifyHash(f *testing.F) {
	for _, s := range damaged {
		f.Add(s)
	}
	f.Add("$argon2id$v=19$m=16,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add(reference)
	f.Fuzz(func(t *testing.T, phc string) {
		p, salt, key, err := authn.ParsePHC(phc)
		if err != nil {
			return
		}
		if p.Memory > 1<<20 || p.Passes > 64 || len(salt) > 128 || len(key) > 128 || p.Lanes < 1 {
			t.Errorf("%q asks for too much: %+v", phc, p)
		}
		if got := authn.FormatPHC(p, salt, key); got != phc {
			t.Errorf("%q is written back as %q", phc, got)
		}
	})
}

// BenchmarkHash prints what one sign-in costs this machine.
func BenchmarkHash(b *testing.B) {
	for b.Loop() {
		if _, err := authn.DefaultParams.Hash(goodPassword, rand.Reader); err != nil {
			b.Fatal(err)
		}
	}
}
