package directory_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/directory/directorytest"
	"sarhad/record"
)

// refused fails unless err is there, for a person, and says one of the words.
func refused(t *testing.T, err error, word string) {
	t.Helper()
	var person *record.Error
	if err == nil || !errors.As(err, &person) || !strings.Contains(err.Error(), word) {
		t.Errorf("got %v, want a refusal that says %q", err, word)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEverybodyBelievesTheSame(t *testing.T) {
	r := directorytest.NewRegion(t)
	m := r.Machine("uzb-post", "1")
	r.Join("UZB", "uzb-post", m)
	r.Publish(r.Countries["KAZ"], "KAZ", "TJK", "UZB")
	want, root := r.Countries["KAZ"].Directory.Size()
	for _, code := range directorytest.Codes {
		d := r.Countries[code].Directory
		if size, other := d.Size(); size != want || other != root {
			t.Errorf("%s: %d %v, want %d %v", code, size, other, want, root)
		}
		keys, err := d.SealKeys("uzb-post")
		if err != nil || len(keys) != 1 || "age-hybrid:"+keys[0].Public != m.Keys.Seal[0] {
			t.Errorf("%s: %v %v", code, keys, err)
		}
		if got := d.Reads("uzb-post")["incident.report"]; !slices.Equal(got, []int{1, 2}) {
			t.Errorf("%s: reads %v", code, got)
		}
	}
	if p, err := r.Countries["TKM"].Directory.Party("uzb-post"); err != nil || p.Parent != "UZB-PIU" || p.State != directory.Current {
		t.Errorf("%+v %v", p, err)
	}
}

// TestAStatementCountsOnlyCosigned proves that two countries make nobody believe anything, and three do.
func TestAStatementCountsOnlyCosigned(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz := r.Countries["KAZ"]
	r.Join("KAZ", "kaz-piu", r.Machine("kaz-piu", "1"))
	if _, err := kaz.Directory.Party("kaz-piu"); record.KindOf(err) != record.NotFound {
		t.Errorf("a statement counts though nobody cosigned it: %v", err)
	}
	from, _ := kaz.Directory.Size()
	_, err := kaz.Directory.Take(t.Context(), r.Cosigned(kaz, from, "KAZ", "UZB"))
	refused(t, err, "2 countries cosigned it (KAZ, UZB); 3 must")
	if n := len(kaz.Directory.Waiting()); n != 1 {
		t.Errorf("%d statements wait, want 1", n)
	}
	r.Publish(kaz, "KAZ", "UZB", "KGZ")
	if p, err := r.Countries["TJK"].Directory.Party("kaz-piu"); err != nil || p.State != directory.Current {
		t.Errorf("%v %v", p.State, err)
	}
	if n := len(kaz.Directory.Waiting()); n != 0 {
		t.Errorf("%d statements wait, want none", n)
	}
}

func TestRevokedIsWhatWeHadNotReceivedBefore(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz, tjk := r.Countries["KAZ"], r.Countries["TJK"]
	m := r.Machine("uzb-post", "1")
	r.Join("UZB", "uzb-post", m)
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	before := r.Time
	r.Time = r.Time.Add(time.Hour)
	must(t, r.Countries["UZB"].Registrar.Revoke(t.Context(), "uzb-post", "laptop stolen"))
	from, _ := kaz.Directory.Size()
	data := r.Cosigned(kaz, from, "KAZ", "UZB", "KGZ")
	r.Time = r.Time.Add(time.Hour) // the line was down
	if keys, err := tjk.Directory.VerifyKeys("uzb-post", r.Time); err != nil || len(keys) != 1 {
		t.Fatalf("not known yet: %v %v", keys, err)
	}
	_, err := tjk.Directory.Take(t.Context(), data)
	must(t, err)
	if keys, err := tjk.Directory.VerifyKeys("uzb-post", before); err != nil || len(keys) != 1 {
		t.Errorf("what was received before counts no more: %v", err)
	}
	if _, err := tjk.Directory.VerifyKeys("uzb-post", r.Time.Add(-time.Minute)); err != nil {
		t.Errorf("received before we knew: %v", err)
	}
	_, err = tjk.Directory.VerifyKeys("uzb-post", r.Time)
	refused(t, err, "laptop stolen")
	_, err = tjk.Directory.SealKeys("uzb-post")
	refused(t, err, "was revoked: laptop stolen")
	if s := tjk.Directory.KeyState("uzb-post", m.Keys.Seal[0]); s != "revoked" {
		t.Errorf("state of the key: %q", s)
	}
	// With new keys it comes back, with the old ones never.
	_, err = kaz.Directory.Take(t.Context(), data)
	must(t, err)
	r.Sync(kaz, r.Countries["UZB"])
	if done, err := r.Countries["UZB"].Registrar.Renew(t.Context(), "uzb-post"); err != nil || len(done) > 0 {
		t.Errorf("a revoked machine is renewed: %v %v", done, err)
	}
	q := invited(t, r, "UZB", "uzb-post", m)
	refused(t, r.Countries["UZB"].Registrar.Approve(t.Context(), q), "was revoked")
	r.Join("UZB", "uzb-post", r.Machine("uzb-post", "2"))
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	if keys, err := tjk.Directory.VerifyKeys("uzb-post", r.Time); err != nil || len(keys) != 1 || "ed25519:"+keys[0].Public == m.Keys.Sign[0] {
		t.Errorf("%v %v", keys, err)
	}
}

func invited(t *testing.T, r *directorytest.Region, code, node string, m directorytest.Machine) directory.Request {
	t.Helper()
	file, _, err := r.Countries[code].Registrar.Invite(t.Context(), node, directory.Node, code+"-PIU", "00ff")
	must(t, err)
	inv, err := directory.ReadInvitation(file)
	must(t, err)
	file, err = inv.Answer(r.Time, directorytest.Names(node), m.Keys, nil, nil, nil, "", m.Sign)
	must(t, err)
	q, err := directory.ReadRequest(file)
	must(t, err)
	return q
}

func TestWhatNobodyRenewsExpires(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz, uzb := r.Countries["KAZ"], r.Countries["UZB"]
	r.Join("UZB", "uzb-post", r.Machine("uzb-post", "1"))
	must(t, uzb.Registrar.Staff(t.Context(), "UZB-PIU", []directory.Person{{Role: directory.RoleDuty, Names: directorytest.Names("Duty desk"), Phones: []string{"+99900000001"}}}))
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	r.Time = r.Time.Add(directory.RenewFrom - time.Hour)
	if done, err := uzb.Registrar.Renew(t.Context()); err != nil || len(done) > 0 {
		t.Errorf("renewed too early: %v %v", done, err)
	}
	received := r.Time
	r.Time = r.Time.Add(time.Hour)
	done, err := uzb.Registrar.Renew(t.Context())
	if err != nil || !slices.Equal(done, []string{"UZB", "UZB-PIU", "uzb-post"}) {
		t.Errorf("renewed: %v %v", done, err)
	}
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	r.Time = r.Time.Add(directory.PartyLife - time.Hour)
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	if _, err := kaz.Directory.SealKeys("uzb-post"); err != nil {
		t.Errorf("renewed and refused: %v", err)
	}
	if e, _ := kaz.Directory.Party("UZB-PIU"); len(e.People) != 1 {
		t.Errorf("people were not renewed: %+v", e)
	}
	r.Time = r.Time.Add(2 * time.Hour)
	_, err = kaz.Directory.SealKeys("uzb-post")
	refused(t, err, "expired at")
	_, err = kaz.Directory.VerifyKeys("uzb-post", r.Time)
	refused(t, err, "telephone its registrar")
	if _, err := kaz.Directory.VerifyKeys("uzb-post", received); err != nil {
		t.Errorf("received while the keys held: %v", err)
	}
	_, err = kaz.Directory.SealKeys("nobody")
	refused(t, err, "unknown")
}

func TestAStaleDirectorySendsNothingAndStillReceives(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz := r.Countries["KAZ"]
	r.Join("UZB", "uzb-post", r.Machine("uzb-post", "1"))
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	tjk := r.Countries["TJK"].Directory
	if f := tjk.Fresh(r.Time); f.Warn || !f.Sends {
		t.Errorf("new: %+v", f)
	}
	r.Time = r.Time.Add(directory.WarnAfter + time.Minute)
	if f := tjk.Fresh(r.Time); !f.Warn || !f.Sends || f.Why == "" {
		t.Errorf("a day old: %+v", f)
	}
	r.Time = r.Time.Add(directory.StaleAfter - directory.WarnAfter)
	_, err := tjk.SealKeys("uzb-post")
	refused(t, err, "receiving goes on")
	if _, err := tjk.VerifyKeys("uzb-post", r.Time); err != nil {
		t.Errorf("receiving: %v", err)
	}
	// Cosigned again, nothing new: fresh.
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	if _, err := tjk.SealKeys("uzb-post"); err != nil {
		t.Errorf("cosigned anew: %v", err)
	}
	// Two clocks in the future do not make it look newer.
	now := r.Time
	r.Time = now.Add(1000 * time.Hour)
	ahead := open(t, r.Cosigned(kaz, 0, "KAZ", "TJK"))
	r.Time = now.Add(-time.Hour)
	one := open(t, r.Cosigned(kaz, 0, "KGZ"))
	_, signed, _ := strings.Cut(one.Checkpoint, "\n\n")
	ahead.Checkpoint += signed
	r.Time = now
	lost, err := directory.Open(t.Context(), directorytest.NewMemory(), r.Now)
	must(t, err)
	must(t, lost.Pin(t.Context(), tjk.Identity()))
	_, err = lost.Take(t.Context(), encode(t, ahead))
	must(t, err)
	if f := lost.Fresh(r.Time); f.Age != time.Hour {
		t.Errorf("it seems %v old, and one of three cosigned it an hour ago", f.Age)
	}
}

// TestAnotherDirectoryIsRefused proves that a node believes only the directory it was introduced to.
func TestAnotherDirectoryIsRefused(t *testing.T) {
	r := directorytest.NewRegion(t)
	b, err := r.Countries["KAZ"].Directory.Missing(t.Context(), 0)
	must(t, err)
	d, err := directory.Open(t.Context(), directorytest.NewMemory(), r.Now)
	must(t, err)
	_, err = d.Take(t.Context(), encode(t, b))
	refused(t, err, "accept an invitation first")
	must(t, d.Pin(t.Context(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="))
	_, err = d.Take(t.Context(), encode(t, b))
	refused(t, err, "another directory than the one this node was introduced to")
	refused(t, d.Pin(t.Context(), r.Countries["KAZ"].Directory.Identity()), "one for its life")
	refused(t, d.Propose(t.Context(), r.Genesis), "another directory")
}

// TestATamperedStoreIsNotOpened proves that what somebody changed in the database is found when the node starts.
func TestATamperedStoreIsNotOpened(t *testing.T) {
	r := directorytest.NewRegion(t)
	store := r.Countries["UZB"].Store
	leaves := store.Leaves()
	old := leaves[len(leaves)-1]
	leaves[len(leaves)-1] = []byte(strings.Replace(string(old), "UZB PIU", "UZB PYU", 1))
	if _, err := directory.Open(t.Context(), store, r.Now); err == nil || !strings.Contains(err.Error(), "statement 16 in the store does not hold") {
		t.Errorf("%v", err)
	}
}

func TestAFullDiskChangesNothing(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz, tjk := r.Countries["KAZ"], r.Countries["TJK"]
	r.Join("UZB", "uzb-post", r.Machine("uzb-post", "1"))
	from, _ := kaz.Directory.Size()
	data := r.Cosigned(kaz, from, "KAZ", "TJK", "UZB")
	tjk.Store.Fail = context.DeadlineExceeded
	if _, err := tjk.Directory.Take(t.Context(), data); err == nil {
		t.Fatal("taken without a disk")
	}
	if size, _ := tjk.Directory.Size(); size != from {
		t.Errorf("%d statements count, want %d", size, from)
	}
	if _, err := tjk.Directory.Party("uzb-post"); err == nil {
		t.Error("a party counts that is not on the disk")
	}
	tjk.Store.Fail = nil
	if n, err := tjk.Directory.Take(t.Context(), data); err != nil || n.New != 1 {
		t.Errorf("%+v %v", n, err)
	}
	must(t, tjk.Directory.Reload(t.Context()))
	if _, err := tjk.Directory.Party("uzb-post"); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}
