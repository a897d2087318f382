package directory_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/directory/directorytest"
	"sarhad/record"
)

// open reads a bundle so that a hostile hub can change it.
func open(t *testing.T, data []byte) directory.Bundle {
	t.Helper()
	b, err := directory.ReadBundle(data)
	must(t, err)
	return b
}

func encode(t *testing.T, b directory.Bundle) []byte {
	t.Helper()
	data, err := b.Encode()
	must(t, err)
	return data
}

// scene is a region in which uzb-post was introduced (leaf n) and is about to be revoked: data brings both to TJK, which has neither.
func scene(t *testing.T) (r *directorytest.Region, tjk *directorytest.Land, data []byte) {
	t.Helper()
	r = directorytest.NewRegion(t)
	kaz, tjk := r.Countries["KAZ"], r.Countries["TJK"]
	from, _ := tjk.Directory.Size()
	r.Join("UZB", "uzb-post", r.Machine("uzb-post", "1"))
	r.Join("KAZ", "kaz-piu", r.Machine("kaz-piu", "1"))
	_, err := kaz.Directory.Take(t.Context(), r.Cosigned(kaz, from, "KAZ", "UZB", "KGZ"))
	must(t, err)
	r.Sync(kaz, r.Countries["UZB"])
	must(t, r.Countries["UZB"].Registrar.Revoke(t.Context(), "uzb-post", "laptop stolen"))
	_, err = kaz.Directory.Take(t.Context(), r.Cosigned(kaz, from+2, "KAZ", "UZB", "KGZ"))
	must(t, err)
	b, err := kaz.Directory.Missing(t.Context(), from)
	must(t, err)
	return r, tjk, encode(t, b)
}

// unchanged fails when a refused bundle left anything behind.
func unchanged(t *testing.T, land *directorytest.Land, err error, word string) {
	t.Helper()
	refused(t, err, word)
	if _, err := land.Directory.Party("kaz-piu"); record.KindOf(err) != record.NotFound {
		t.Errorf("half a bundle was taken: %v", err)
	}
	must(t, land.Directory.Reload(t.Context()))
	if _, err := land.Directory.Party("kaz-piu"); record.KindOf(err) != record.NotFound {
		t.Errorf("half a bundle was stored: %v", err)
	}
}

// TestHubWithholdsARevocation proves that a hub cannot cut the revocation out, and that what it holds back whole is seen in the
// next heartbeat and, without heartbeats, makes the directory stale.
func TestHubWithholdsARevocation(t *testing.T) {
	r, tjk, data := scene(t)
	b := open(t, data)
	cut := b
	cut.Leaves = b.Leaves[:2]
	_, err := tjk.Directory.Take(t.Context(), encode(t, cut))
	unchanged(t, tjk, err, "ask for what is missing")
	cut.Checkpoint = strings.Replace(b.Checkpoint, "\n"+size(b)+"\n", "\n"+size(cut)+"\n", 1)
	_, err = tjk.Directory.Take(t.Context(), encode(t, cut))
	unchanged(t, tjk, err, "root")

	have, _ := tjk.Directory.Size()
	head, err := r.Countries["KAZ"].Directory.Head(have)
	must(t, err)
	c, err := tjk.Directory.Compare(t.Context(), head)
	if err != nil || c.Relation != directory.Behind || !c.Proven {
		t.Errorf("a heartbeat does not tell that something is held back: %+v %v", c, err)
	}
	r.Time = r.Time.Add(directory.StaleAfter + time.Minute)
	if f := tjk.Directory.Fresh(r.Time); f.Sends {
		t.Error("everything held back, and it still sends")
	}
	_, err = tjk.Directory.Take(t.Context(), data)
	must(t, err)
	if e, _ := tjk.Directory.Party("uzb-post"); e.State != directory.Revoked {
		t.Errorf("state %s", e.State)
	}
}

func size(b directory.Bundle) string {
	n, _ := json.Marshal(b.From + int64(len(b.Leaves)))
	return string(n)
}

func TestHubReorders(t *testing.T) {
	_, tjk, data := scene(t)
	b := open(t, data)
	b.Leaves[1], b.Leaves[2] = b.Leaves[2], b.Leaves[1]
	_, err := tjk.Directory.Take(t.Context(), encode(t, b))
	unchanged(t, tjk, err, "root")
}

func TestHubTruncates(t *testing.T) {
	_, tjk, data := scene(t)
	for n := 0; n < len(data); n += 97 {
		if _, err := tjk.Directory.Take(t.Context(), data[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken", n, len(data))
		}
	}
	b := open(t, data)
	b.Leaves[0] = b.Leaves[0][:len(b.Leaves[0])-20]
	_, err := tjk.Directory.Take(t.Context(), encode(t, b))
	unchanged(t, tjk, err, "statement 17")
}

// TestHubForges proves that each changed letter of a statement, and a statement signed by somebody else, is refused.
func TestHubForges(t *testing.T) {
	r, tjk, data := scene(t)
	for _, old := range []string{"uzb-post", "UZB-PIU", "ed25519", "2026-04", "по-русски"} {
		b := open(t, data)
		b.Leaves[0] = strings.Replace(b.Leaves[0], old, strings.ToUpper(old)+"x", 1)
		_, err := tjk.Directory.Take(t.Context(), encode(t, b))
		unchanged(t, tjk, err, "refused")
	}
	// KAZ's registrar speaks of a party of UZB.
	uzb, kaz := r.Countries["UZB"], r.Countries["KAZ"]
	thief := *uzb.Registrar
	thief.Signer = kaz.Registrar.Signer
	refused(t, thief.Introduce(t.Context(), directory.Party{ID: "UZB-NEW", Type: directory.Agency, Country: "UZB", Parent: "UZB", Names: directorytest.Names("x")}), "who may sign this")
	// And as its own, with the keys of another machine.
	stolen, err := kaz.Directory.Party("uzb-post")
	must(t, err)
	p := stolen.Party
	p.Country, p.Parent = "KAZ", "KAZ-PIU"
	refused(t, kaz.Registrar.Introduce(t.Context(), p), "stays one")
	p.ID = "kaz-fake"
	refused(t, kaz.Registrar.Introduce(t.Context(), p), "does not prove that it holds its keys")
	// A checkpoint signed by other keys under the right names.
	b := open(t, data)
	b.Checkpoint = strings.Replace(b.Checkpoint, "UZB/witness", "TKM/witness", 1)
	_, err = tjk.Directory.Take(t.Context(), encode(t, b))
	unchanged(t, tjk, err, "2 countries cosigned it (KAZ, KGZ)")
	b = open(t, data)
	i := len(b.Checkpoint) - 20
	b.Checkpoint = b.Checkpoint[:i] + string(b.Checkpoint[i]^1) + b.Checkpoint[i+1:]
	_, err = tjk.Directory.Take(t.Context(), encode(t, b))
	unchanged(t, tjk, err, "checkpoint")
}

// TestHubBackdates proves that what bears an old date is cosigned by nobody, and that an old directory cannot be shown as new.
func TestHubBackdates(t *testing.T) {
	r := directorytest.NewRegion(t)
	uzb, kaz := r.Countries["UZB"], r.Countries["KAZ"]
	now := r.Time
	r.Time = now.Add(-30 * 24 * time.Hour)
	must(t, reappointed(t, r, "UZB"))
	r.Time = now
	draft, err := kaz.Directory.Draft(0)
	must(t, err)
	_, err = uzb.Witness.Cosign(t.Context(), encode(t, draft))
	refused(t, err, "what is signed today bears today's date")

	// The time of a cosignature is signed with it.
	_, tjk, data := scene(t)
	b := open(t, data)
	i := strings.LastIndex(b.Checkpoint, " ") + 1
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(b.Checkpoint[i:]))
	must(t, err)
	raw[4+7]++ // a second later
	b.Checkpoint = b.Checkpoint[:i] + base64.StdEncoding.EncodeToString(raw) + "\n"
	_, err = tjk.Directory.Take(t.Context(), encode(t, b))
	unchanged(t, tjk, err, "forged")
}

func reappointed(t *testing.T, r *directorytest.Region, code string) error {
	t.Helper()
	land := r.Countries[code]
	draft, err := r.Countries["KAZ"].Directory.DraftAuthority(code, directory.Authority{Registrar: land.Registrar.Signer.Public(), Witness: land.Witness.Signer.Public(),
		Since: r.Time, Until: r.Time.Add(directory.AuthorityLife)})
	must(t, err)
	return r.Countries["KAZ"].Directory.Propose(t.Context(), r.Sign(draft, land.Roots[1], land.Roots[2]))
}

// TestHubReplaysAnOldStatement proves that a statement from before a revocation never counts again.
func TestHubReplaysAnOldStatement(t *testing.T) {
	r, _, data := scene(t)
	old := open(t, data).Leaves[0]
	refused(t, r.Countries["KAZ"].Directory.Propose(t.Context(), []byte(old)), "old ones do not count again")
	// Nor in another directory with the same roots.
	other := directorytest.NewRegion(t)
	if other.Countries["KAZ"].Directory.Identity() != r.Countries["KAZ"].Directory.Identity() {
		t.Fatal("the regions should be the same")
	}
	g, err := directory.DraftGenesis(directory.Genesis{Name: "elsewhere", Quorum: 1, Countries: []directory.Member{{Country: "UZB", Roots: directorytest.Publics(r.Countries["UZB"].Roots)}}}, r.Time)
	must(t, err)
	d, err := directory.Open(t.Context(), directorytest.NewMemory(), r.Now)
	must(t, err)
	must(t, d.Propose(t.Context(), r.Sign(g, r.Countries["UZB"].Roots[:2]...)))
	refused(t, d.Propose(t.Context(), []byte(old)), "signed for another directory")
}

// split makes two directories: the hub has one tail cosigned by TKM and another by UZB; dishonest countries cosign both.
func split(t *testing.T, dishonest ...string) (r *directorytest.Region, a, b *directorytest.Land) {
	t.Helper()
	r = directorytest.NewRegion(t)
	kaz := r.Countries["KAZ"]
	store := kaz.Store.Copy()
	other := &directorytest.Land{Code: "KAZ", Store: store}
	r.Reopen(other, "life-1") // the hub keeps a second log
	r.Join("KAZ", "kaz-piu", r.Machine("kaz-piu", "1"))
	r.On(other)
	r.Join("KAZ", "kaz-piu", r.Machine("kaz-piu", "2")) // other keys
	r.On(kaz)
	from, _ := kaz.Directory.Size()
	for _, code := range dishonest {
		forget(t, r, code)
	}
	first := r.Cosigned(kaz, from, append([]string{"TKM"}, dishonest...)...)
	for _, code := range dishonest {
		forget(t, r, code)
	}
	second := r.Cosigned(other, from, append([]string{"UZB"}, dishonest...)...)
	_, err := r.Countries["TKM"].Directory.Take(t.Context(), first)
	if len(dishonest) < 2 {
		refused(t, err, "2 countries cosigned it")
		return r, nil, nil
	}
	must(t, err)
	_, err = r.Countries["UZB"].Directory.Take(t.Context(), second)
	must(t, err)
	return r, r.Countries["TKM"], r.Countries["UZB"]
}

// forget makes the witness of a country dishonest: it remembers nothing.
func forget(t *testing.T, r *directorytest.Region, code string) {
	t.Helper()
	land := r.Countries[code]
	size, root := land.Directory.Size()
	must(t, land.Store.SetDirectoryNote(t.Context(), "witness/"+code, []byte(`{"size":`+jsonOf(t, size)+`,"root":`+jsonOf(t, root)+`,"incarnation":"life-1"}`)))
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}

// TestHubShowsTwoDirectories proves that two directories count only where a quorum cosigned each, and that the first heartbeat
// between the halves proves it, keeps the proof and stops sending.
func TestHubShowsTwoDirectories(t *testing.T) {
	split(t, "KGZ")
	r, tkm, uzb := split(t, "KGZ", "TJK")
	if keysOf(t, tkm, "kaz-piu") == keysOf(t, uzb, "kaz-piu") {
		t.Fatal("there is no split: mend this test")
	}
	head, err := tkm.Directory.Head(0)
	must(t, err)
	c, err := uzb.Directory.Compare(t.Context(), head)
	if err != nil || c.Relation != directory.Forked || !c.Proven {
		t.Fatalf("%+v %v", c, err)
	}
	_, err = uzb.Directory.SealKeys("kaz-piu")
	refused(t, err, "two directories were cosigned")
	if _, err := uzb.Directory.VerifyKeys("kaz-piu", r.Time); err != nil {
		t.Errorf("receiving stopped: %v", err)
	}
	must(t, uzb.Directory.Reload(t.Context()))
	if f := uzb.Directory.Fork(); f == nil || !strings.Contains(f.Theirs, "KGZ/witness") {
		t.Errorf("the proof is lost: %+v", f)
	}
	_, err = uzb.Directory.ClearFork(t.Context())
	must(t, err)
	if _, err := uzb.Directory.SealKeys("kaz-piu"); err != nil {
		t.Errorf("cleared up: %v", err)
	}
}

// TestTheWitnessesSeeASplit proves that an honest witness refuses the second directory.
func TestTheWitnessesSeeASplit(t *testing.T) {
	r, _, uzb := split(t, "KGZ", "TJK")
	draft, err := r.Countries["KAZ"].Directory.Draft(0)
	must(t, err)
	_, err = uzb.Witness.Cosign(t.Context(), encode(t, draft))
	refused(t, err, "does not cosign")
}

func TestAForkIsSeenAcrossSizes(t *testing.T) {
	r, tkm, uzb := split(t, "KGZ", "TJK")
	kaz := r.Countries["KAZ"]
	r.Sync(tkm, kaz)
	r.Join("KAZ", "kaz-more", r.Machine("kaz-more", "1"))
	for _, code := range []string{"KGZ", "TJK"} {
		land := r.Countries[code]
		r.Sync(kaz, land)
		forget(t, r, code)
	}
	from, _ := kaz.Directory.Size()
	_, err := tkm.Directory.Take(t.Context(), r.Cosigned(kaz, from, "TKM", "KGZ", "TJK"))
	must(t, err)
	small, _ := uzb.Directory.Size()
	head, err := tkm.Directory.Head(small)
	must(t, err)
	if c, err := uzb.Directory.Compare(t.Context(), head); err != nil || c.Relation != directory.Forked || c.Proven {
		t.Errorf("the smaller: %+v %v", c, err)
	}
	if uzb.Directory.Fork() != nil {
		t.Error("an unproven fork was kept as proof")
	}
	whole, err := tkm.Directory.Missing(t.Context(), 0)
	must(t, err)
	_, err = uzb.Directory.Take(t.Context(), encode(t, whole))
	refused(t, err, "FORK")
	if uzb.Directory.Fork() == nil {
		t.Error("the whole directory of the other half proves nothing")
	}
	head, err = uzb.Directory.Head(0)
	must(t, err)
	if c, err := tkm.Directory.Compare(t.Context(), head); err != nil || c.Relation != directory.Forked || !c.Proven {
		t.Errorf("the larger: %+v %v", c, err)
	}
	// A bundle of the other half proves it too.
	b, err := uzb.Directory.Missing(t.Context(), from-1)
	must(t, err)
	_, err = tkm.Directory.Take(t.Context(), encode(t, b))
	refused(t, err, "FORK")
}

func keysOf(t *testing.T, land *directorytest.Land, id string) string {
	t.Helper()
	keys, err := land.Directory.Keys(id, directory.UseSign)
	must(t, err)
	return keys[0].Public
}

// TestHeadsOfHonestNodes proves the four answers where nobody lies.
func TestHeadsOfHonestNodes(t *testing.T) {
	r, tjk, data := scene(t)
	kaz := r.Countries["KAZ"].Directory
	want := func(d *directory.Directory, h directory.Head, rel directory.Relation, proven bool) {
		t.Helper()
		c, err := d.Compare(t.Context(), h)
		if err != nil || c.Relation != rel || c.Proven != proven {
			t.Errorf("%+v %v, want %s", c, err, rel)
		}
	}
	have, _ := tjk.Directory.Size()
	ours, err := tjk.Directory.Head(0)
	must(t, err)
	theirs, err := kaz.Head(have)
	must(t, err)
	want(kaz, ours, directory.Ahead, true)
	want(tjk.Directory, theirs, directory.Behind, true)
	want(tjk.Directory, ours, directory.Same, true)
	theirs.Since, theirs.Proof = 0, nil
	want(tjk.Directory, theirs, directory.Behind, false)
	// Nobody cosigned it: no alarm, whatever root it names.
	text, _, _ := strings.Cut(ours.Checkpoint, "\n\n")
	lines := strings.Split(text, "\n")
	lines[2] = strings.Replace(lines[2], lines[2][:1], string(lines[2][0]^1), 1)
	_, err = tjk.Directory.Compare(t.Context(), directory.Head{Checkpoint: strings.Join(lines, "\n") + "\n"})
	refused(t, err, "no quorum of countries cosigned it")
	_, err = tjk.Directory.Take(t.Context(), data)
	must(t, err)
	theirs, err = kaz.Head(0)
	must(t, err)
	want(tjk.Directory, theirs, directory.Same, true)
}

// TestAWitnessNeverGoesBack proves it for a rewritten log, a shorter one, and after a restore.
func TestAWitnessNeverGoesBack(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz, uzb := r.Countries["KAZ"], r.Countries["UZB"]
	backup := uzb.Store.Copy()
	log := kaz.Store.Copy()
	r.Join("KAZ", "kaz-piu", r.Machine("kaz-piu", "1"))
	from, _ := kaz.Directory.Size()
	first := r.Cosigned(kaz, from, "UZB") // not published: no other node knows of it
	other := &directorytest.Land{Code: "KAZ", Store: log}
	r.Reopen(other, "life-1")
	short, err := other.Directory.Draft(from)
	must(t, err)
	_, err = uzb.Witness.Cosign(t.Context(), encode(t, short))
	refused(t, err, "never goes back")
	r.On(other)
	r.Join("KAZ", "kaz-piu", r.Machine("kaz-piu", "2"))
	draft, err := other.Directory.Draft(from)
	must(t, err)
	_, err = uzb.Witness.Cosign(t.Context(), encode(t, draft))
	refused(t, err, "another directory")
	r.Reopen(uzb, "life-1") // a restart
	_, err = uzb.Witness.Cosign(t.Context(), encode(t, draft))
	refused(t, err, "another directory")

	// Restored from before: it has forgotten, and keeps silent.
	uzb.Store = backup
	r.Reopen(uzb, "life-2")
	_, err = uzb.Witness.Cosign(t.Context(), encode(t, draft))
	refused(t, err, "keeps silent")
	r.Time = r.Time.Add(time.Hour)
	_, err = uzb.Witness.Cosign(t.Context(), encode(t, draft))
	refused(t, err, "keeps silent")
	r.Reopen(uzb, "life-2")
	_, err = uzb.Witness.Cosign(t.Context(), encode(t, draft))
	refused(t, err, "keeps silent")
	// Three others cosign, it hears of it, and goes on behind them.
	r.On(kaz)
	b := open(t, first)
	b.Checkpoint = open(t, r.Cosigned(kaz, from, "KAZ", "TJK", "KGZ")).Checkpoint
	_, err = uzb.Directory.Take(t.Context(), encode(t, b))
	must(t, err)
	_, err = uzb.Witness.Cosign(t.Context(), encode(t, draft))
	refused(t, err, "does not cosign")
	good, err := kaz.Directory.Draft(from)
	must(t, err)
	if _, err = uzb.Witness.Cosign(t.Context(), encode(t, good)); err != nil {
		t.Errorf("it keeps silent for ever: %v", err)
	}
}

// TestAWitnessNoticesThatItsDiskWasPutBack proves that a copy of the disk that was put back under the same life is noticed by the
// witness's own word in the head.
func TestAWitnessNoticesThatItsDiskWasPutBack(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz, uzb := r.Countries["KAZ"], r.Countries["UZB"]
	backup := uzb.Store.Copy()
	r.Join("KAZ", "kaz-piu", r.Machine("kaz-piu", "1"))
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	uzb.Store = backup
	r.Reopen(uzb, "life-1")
	r.Sync(kaz, uzb)
	draft, err := kaz.Directory.Draft(0)
	must(t, err)
	_, err = uzb.Witness.Cosign(t.Context(), encode(t, draft))
	refused(t, err, "keeps silent")
}

func TestAWitnessCosignsOnlyWhatHolds(t *testing.T) {
	_, tjk, data := scene(t)
	draft := open(t, data)
	draft.Checkpoint, _, _ = strings.Cut(draft.Checkpoint, "\n\n")
	draft.Checkpoint += "\n"
	for name, change := range map[string]func(*directory.Bundle){
		"a forged statement": func(b *directory.Bundle) { b.Leaves[0] = strings.Replace(b.Leaves[0], "drugs", "drags", 1) },
		"another root": func(b *directory.Bundle) {
			b.Leaves = b.Leaves[:2]
			b.Checkpoint = strings.Replace(b.Checkpoint, "\n19\n", "\n18\n", 1)
		},
		"another directory": func(b *directory.Bundle) { b.Checkpoint = strings.Replace(b.Checkpoint, "region", "regions", 1) },
		"no checkpoint":     func(b *directory.Bundle) { b.Checkpoint = "hello" },
		"a gap":             func(b *directory.Bundle) { b.From++ },
	} {
		b := draft
		b.Leaves = slices.Clone(draft.Leaves)
		change(&b)
		_, err := tjk.Witness.Cosign(t.Context(), encode(t, b))
		if record.KindOf(err) != record.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := tjk.Witness.Cosign(t.Context(), encode(t, draft)); err != nil {
		t.Error(err)
	}
}
