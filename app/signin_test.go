package app_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"sarhad/internal/authn"
	"sarhad/internal/authn/authntest"
	"sarhad/record"
)

// enrol gives an officer who is signed in a passkey at this browser's address.
func (b *browser) enrol() *authntest.Authenticator {
	b.t.Helper()
	var offer struct{ Challenge, User []byte }
	b.do("POST", "/passkeys/offer", map[string]string{"password": password}, &offer, 200)
	key := authntest.NewAuthenticator("localhost", b.base)
	client, attestation := key.Create(offer.Challenge, offer.User)
	b.do("POST", "/passkeys", map[string]any{"name": "Test key", "client": client, "attestation": attestation, "transports": []string{"usb"}}, nil, 200)
	return key
}

func assertion(a authn.Assertion) map[string]any {
	return map[string]any{"credential": a.Credential, "authenticator": a.Authenticator, "client": a.Client, "value": a.Value, "user": a.User}
}

// TestPasskeyThroughTheDoor proves enrolment, sign-in and a signed decision by passkey over the API, that the log verifies it
// offline, also after the passkey was removed, and that a key nobody enrolled is found.
func TestPasskeyThroughTheDoor(t *testing.T) {
	dir := t.TempDir()
	a := node(t, dir)
	desk := signIn(t, a, "analyst")
	key := desk.enrol()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, base: desk.base, http: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
	var asked struct {
		Challenge []byte
		RP        string
	}
	b.do("POST", "/passkey", map[string]any{}, &asked, 200)
	if asked.RP != "localhost" {
		t.Errorf("relying party %q", asked.RP)
	}
	var me struct {
		CSRF    string
		Purpose *record.Purpose
	}
	b.do("POST", "/session/passkey", assertion(key.Get(asked.Challenge)), &me, 200)
	b.csrf = me.CSRF
	if me.Purpose == nil || me.Purpose.Kind != "duty" {
		t.Errorf("signed in for %+v", me.Purpose)
	}

	id := oneHit(t, b, "1", "ZZ101", "ALA")
	b.do("POST", "/hits/"+id+"/claim", map[string]any{}, nil, 200)
	var c struct {
		Challenge []byte
		Method    string
		Passkeys  []struct{ ID []byte }
	}
	b.do("POST", "/signing", toConfirm(id, "detain", "now"), &c, 200)
	if c.Method != record.SignedPasskey || len(c.Passkeys) != 1 {
		t.Fatalf("to sign by %+v", c)
	}
	body := map[string]any{"reason": "document", "instruction": map[string]string{"action": "detain", "text": "now"},
		"proof": map[string]any{"challenge": c.Challenge, "assertion": assertion(key.Get(c.Challenge))}}
	b.do("POST", "/hits/"+id+"/confirm", body, nil, 200)
	row := decision(t, a, id)
	if row.Signature == nil || row.Signature.Method != record.SignedPasskey || row.Signature.RP != "localhost" {
		t.Fatalf("signature %+v", row.Signature)
	}

	var list struct {
		Items    []struct{ ID, Name string }
		Possible bool
	}
	b.get("/passkeys", &list)
	if len(list.Items) != 1 || !list.Possible || list.Items[0].ID != base64.RawURLEncoding.EncodeToString(key.ID) {
		t.Errorf("passkeys %+v", list)
	}
	b.do("PUT", "/passkeys/"+list.Items[0].ID, map[string]string{"name": "Safe"}, &list, 200)
	b.do("POST", "/passkeys/"+list.Items[0].ID+"/remove", map[string]string{"password": "wrong-password-0"}, nil, 403)
	b.do("POST", "/passkeys/"+list.Items[0].ID+"/remove", map[string]string{"password": password}, &list, 200)
	if len(list.Items) != 0 {
		t.Errorf("left: %+v", list)
	}
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
	if rep := verified(t, dir); !rep.OK() || rep.Signatures != 1 {
		t.Errorf("the log after the passkey was removed: %+v", rep)
	}
	behindItsBack(t, dir, `UPDATE audit SET ids = 'another key' WHERE action = 'passkey-add'`)
	told := false
	for _, f := range verified(t, dir).Findings {
		told = told || f.Kind == "signature" && strings.Contains(f.Text, "not enrolled by this officer")
	}
	if !told {
		t.Error("a key that nobody enrolled signs and nothing says so")
	}
}

// me is what the frame knows.
type me struct {
	User    struct{ ID, Name string }
	CSRF    string
	Shared  bool
	PIN     bool
	Purpose *struct{ Text string }

	DraftKey []byte
}

// TestSharedComputer proves the day of a shared computer over the API: marked, PIN, locked, another officer, back with purpose
// and drafts; the other browser sees nobody.
func TestSharedComputer(t *testing.T) {
	a := node(t, t.TempDir())
	b := signIn(t, a, "analyst")
	var state struct {
		Shared bool
		Parked []struct{ ID, Display string }
	}
	b.get("/device", &state)
	if state.Shared {
		t.Error("shared before anybody said so")
	}
	b.do("POST", "/session/lock", map[string]any{}, nil, 409)
	b.do("PUT", "/session/pin", map[string]string{"pin": "402917"}, nil, 409)
	b.do("POST", "/device", map[string]string{"name": "Duty room, left"}, &state, 200)
	var first me
	b.get("/session", &first)
	b.do("PUT", "/session/pin", map[string]string{"pin": "402917"}, &first, 200)
	if !first.Shared || !first.PIN || len(first.DraftKey) != 32 {
		t.Errorf("%+v", first)
	}
	b.do("PUT", "/session/purpose", map[string]string{"kind": "free", "text": "looking into a parcel"}, nil, 200)
	b.do("POST", "/session/lock", map[string]any{}, nil, 204)
	b.do("GET", "/session", nil, nil, 401)
	b.do("GET", "/hits", nil, nil, 401)

	b.csrf = ""
	var second me
	b.do("POST", "/session", map[string]string{"name": "supervisor", "password": password}, &second, 200)
	b.csrf = second.CSRF
	if !second.Shared || second.PIN || string(second.DraftKey) == string(first.DraftKey) {
		t.Errorf("the second officer: %+v", second)
	}
	b.do("PUT", "/session/pin", map[string]string{"pin": "118203"}, nil, 200)
	b.do("POST", "/session/lock", map[string]any{}, nil, 204)
	b.get("/device", &state)
	if len(state.Parked) != 2 || state.Parked[0].Display != "The analyst" {
		t.Fatalf("parked: %+v", state)
	}
	b.do("POST", "/session/unlock", map[string]string{"id": state.Parked[0].ID, "pin": "118203"}, nil, 403)
	var back me
	b.do("POST", "/session/unlock", map[string]string{"id": state.Parked[0].ID, "pin": "402917"}, &back, 200)
	if back.User.ID != first.User.ID || back.Purpose == nil || back.Purpose.Text != "looking into a parcel" || string(back.DraftKey) != string(first.DraftKey) {
		t.Errorf("back: %+v", back)
	}

	elsewhere := &browser{t: t, base: b.base, http: &http.Client{Timeout: 20 * time.Second}}
	elsewhere.get("/device", &state)
	if state.Shared || len(state.Parked) != 0 {
		t.Errorf("another browser sees %+v", state)
	}
	elsewhere.do("POST", "/session/unlock", map[string]string{"id": "x", "pin": "402917"}, nil, 404)
	b.csrf = back.CSRF
	b.do("DELETE", "/device", nil, nil, 204)
	b.get("/device", &state)
	if state.Shared || len(state.Parked) != 0 {
		t.Errorf("after it is shared no longer: %+v", state)
	}
	b.get("/session", &back)
	if back.Shared || back.PIN {
		t.Errorf("the session that said so: %+v", back)
	}
}

// TestNothingOfSignInIsShown proves that no answer holds a hash, a token of a device or the secret of another session.
func TestNothingOfSignInIsShown(t *testing.T) {
	a := node(t, t.TempDir())
	b := signIn(t, a, "analyst")
	b.do("POST", "/device", map[string]string{"name": "PC"}, nil, 200)
	b.do("PUT", "/session/pin", map[string]string{"pin": "402917"}, nil, 200)
	for _, path := range []string{"/device", "/session", "/passkeys"} {
		var out json.RawMessage
		b.get(path, &out)
		for _, secret := range []string{"argon2", "402917"} {
			if strings.Contains(string(out), secret) {
				t.Errorf("%s shows %q", path, secret)
			}
		}
	}
}
