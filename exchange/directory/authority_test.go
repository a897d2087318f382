package directory_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/directory/directorytest"
)

// TestTwoOfThreeRootKeys proves who may appoint: two different keys of the country's own root.
func TestTwoOfThreeRootKeys(t *testing.T) {
	r := directorytest.NewRegion(t)
	uzb, kaz := r.Countries["UZB"], r.Countries["KAZ"]
	draft, err := kaz.Directory.DraftAuthority("UZB", directory.Authority{Registrar: kaz.Roots[0].Public(), Witness: kaz.Roots[1].Public(), Since: r.Time, Until: r.Time.Add(time.Hour)})
	must(t, err)
	for name, by := range map[string][]*directory.Signer{
		"one key":                {uzb.Roots[0]},
		"one key twice":          {uzb.Roots[0], uzb.Roots[0]},
		"a root and a registrar": {uzb.Roots[0], uzb.Registrar.Signer},
		"another country's":      kaz.Roots[:2],
		"one and a stranger":     {uzb.Roots[0], kaz.Roots[0]},
	} {
		signed, err := directory.Sign(draft, by...)
		if err == nil {
			err = kaz.Directory.Propose(t.Context(), signed)
		}
		if err == nil {
			t.Errorf("%s are enough", name)
		}
	}
	must(t, kaz.Directory.Propose(t.Context(), r.Sign(draft, uzb.Roots[1], uzb.Roots[2])))
	r.Publish(kaz, "KGZ", "TJK", "TKM")
	refused(t, uzb.Registrar.MayApprove(), "somebody else")
}

func TestARootIsReplacedByTheOldOne(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz, uzb := r.Countries["KAZ"], r.Countries["UZB"]
	var next []*directory.Signer
	for _, what := range []string{"a", "b", "c"} {
		s, err := directory.RootSigner("UZB", directorytest.Seed("new root "+what))
		must(t, err)
		next = append(next, s)
	}
	draft, err := kaz.Directory.DraftRoots("UZB", directory.Roots{Roots: directorytest.Publics(next)})
	must(t, err)
	refused(t, kaz.Directory.Propose(t.Context(), r.Sign(draft, next[0], next[1])), "two keys of the old one")
	refused(t, kaz.Directory.Propose(t.Context(), r.Sign(draft, uzb.Roots[0], uzb.Roots[1])), "two of its own keys")
	must(t, kaz.Directory.Propose(t.Context(), r.Sign(draft, uzb.Roots[0], uzb.Roots[1], next[0], next[2])))
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	refused(t, reappointed(t, r, "UZB"), "who may sign") // by the old keys
	uzb.Roots = next
	must(t, reappointed(t, r, "UZB"))
}

// TestMembersChangeByTheQuorum takes two countries in: seven members, quorum four.
func TestMembersChangeByTheQuorum(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz := r.Countries["KAZ"]
	g := directory.Genesis{Quorum: 4}
	for _, code := range directorytest.Codes {
		g.Countries = append(g.Countries, directory.Member{Country: code})
	}
	for _, code := range []string{"AZE", "MNG"} {
		g.Countries = append(g.Countries, directory.Member{Country: code, Roots: directorytest.Publics(r.Land(code).Roots)})
	}
	draft, err := kaz.Directory.DraftMembers(g)
	must(t, err)
	sign := func(codes ...string) []byte {
		out := draft
		for _, code := range codes {
			out = r.Sign(out, r.Countries[code].Roots[:2]...)
		}
		return out
	}
	refused(t, kaz.Directory.Propose(t.Context(), sign("KAZ", "UZB", "AZE", "MNG")), "2 of the present countries agreed")
	refused(t, kaz.Directory.Propose(t.Context(), sign("KAZ", "UZB", "TJK", "AZE")), "MNG joins without two signatures")
	must(t, kaz.Directory.Propose(t.Context(), sign("KAZ", "UZB", "TJK", "AZE", "MNG")))
	from, _ := kaz.Directory.Size()
	_, err = kaz.Directory.Take(t.Context(), r.Cosigned(kaz, from, "KAZ", "TJK", "UZB"))
	refused(t, err, "4 must")
	r.Publish(kaz, "KAZ", "TJK", "UZB", "TKM")
	if codes, quorum := kaz.Directory.Members(); len(codes) != 7 || quorum != 4 {
		t.Errorf("%v %d", codes, quorum)
	}
	r.Appoint(kaz, "MNG")
	r.Publish(kaz, "KAZ", "TJK", "UZB", "TKM")
	// A country leaves: its parties count no more.
	r.Join("UZB", "uzb-post", r.Machine("uzb-post", "1"))
	r.Publish(kaz, "KAZ", "TJK", "UZB", "TKM")
	out := directory.Genesis{Quorum: 4}
	for _, code := range []string{"AZE", "KAZ", "KGZ", "MNG", "TJK", "TKM"} {
		out.Countries = append(out.Countries, directory.Member{Country: code})
	}
	draft, err = kaz.Directory.DraftMembers(out)
	must(t, err)
	must(t, kaz.Directory.Propose(t.Context(), sign("KAZ", "TKM", "TJK", "KGZ")))
	r.Publish(kaz, "KAZ", "TJK", "KGZ", "TKM")
	_, err = kaz.Directory.SealKeys("uzb-post")
	refused(t, err, "no member of the directory any more")
	if _, err := kaz.Directory.VerifyKeys("uzb-post", r.Time.Add(-time.Minute)); err != nil {
		t.Errorf("received before it left: %v", err)
	}
	_, err = kaz.Directory.VerifyKeys("uzb-post", r.Time)
	refused(t, err, "no member of the directory any more")
	for _, quorum := range []int{0, 3, 7} {
		out.Quorum = quorum
		_, err = kaz.Directory.DraftMembers(out)
		refused(t, err, "more than half")
	}
}

// TestAStolenRegistrarKey proves that a root takes back what was signed by a thief, and only that.
func TestAStolenRegistrarKey(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz, uzb := r.Countries["KAZ"], r.Countries["UZB"]
	honest, thief := r.Machine("uzb-post", "1"), r.Machine("uzb-post", "thief")
	r.Join("UZB", "uzb-post", honest)
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	from, _ := kaz.Directory.Size()
	r.Join("UZB", "uzb-post", thief)
	r.Join("UZB", "uzb-ghost", r.Machine("uzb-ghost", "1"))
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	if keysOf(t, kaz, "uzb-post") == strings.TrimPrefix(honest.Keys.Sign[0], "ed25519:") {
		t.Fatal("the thief had no effect: mend this test")
	}
	registrar, err := directory.RegistrarSigner("UZB", directorytest.Seed("UZB registrar 2"))
	must(t, err)
	draft, err := kaz.Directory.DraftAuthority("UZB", directory.Authority{Registrar: registrar.Public(), Witness: uzb.Witness.Signer.Public(),
		Since: r.Time, Until: r.Time.Add(directory.AuthorityLife), VoidFrom: from + 1, Reason: "key stolen"})
	must(t, err)
	must(t, kaz.Directory.Propose(t.Context(), r.Sign(draft, uzb.Roots[:2]...)))
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	if got := keysOf(t, kaz, "uzb-post"); got != strings.TrimPrefix(honest.Keys.Sign[0], "ed25519:") {
		t.Error("the keys from before the theft do not count")
	}
	if keys, err := kaz.Directory.VerifyKeys("uzb-post", r.Time.Add(time.Minute)); err != nil || len(keys) != 1 {
		t.Errorf("the thief's key verifies: %v %v", keys, err)
	}
	_, err = kaz.Directory.SealKeys("uzb-ghost")
	refused(t, err, "key stolen")
	refused(t, uzb.Registrar.Introduce(t.Context(), directory.Party{ID: "UZB", Type: directory.Country, Country: "UZB", Names: directorytest.Names("x")}), "who may sign")
	uzb.Registrar.Signer = registrar
	must(t, uzb.Registrar.Introduce(t.Context(), directory.Party{ID: "UZB", Type: directory.Country, Country: "UZB", Names: directorytest.Names("x")}))
	if done, err := uzb.Registrar.Renew(t.Context(), "uzb-post"); err != nil || len(done) != 1 {
		t.Errorf("the honest machine cannot be renewed: %v %v", done, err)
	}
}

// TestOneFormOnly proves that a statement has one text: every other spelling of the same is refused.
func TestOneFormOnly(t *testing.T) {
	r := directorytest.NewRegion(t)
	draft, err := r.Countries["KAZ"].Directory.DraftParty(directory.Party{ID: "KAZ-BGS", Type: directory.Agency, Country: "KAZ", Parent: "KAZ", Names: directorytest.Names("Border <guard> & co"), Since: r.Time, Until: r.Time.Add(time.Hour)})
	must(t, err)
	if _, err := directory.Parse(draft); err != nil {
		t.Fatal(err)
	}
	line := string(bytes.TrimPrefix(draft, []byte("sarhad statement 1\n")))
	for name, other := range map[string]string{
		"a space":            strings.Replace(line, `"n":1`, `"n": 1`, 1),
		"another order":      strings.Replace(line, `"n":1,"subject":"KAZ-BGS"`, `"subject":"KAZ-BGS","n":1`, 1),
		"a key twice":        strings.Replace(line, `"n":1`, `"n":1,"n":1`, 1),
		"a key in capitals":  strings.Replace(line, `"n":1`, `"N":2,"n":1`, 1),
		"an escape":          strings.Replace(line, `Border`, "\\u0042order", 1),
		"an escaped bracket": strings.Replace(line, `<`, "\\u003c", 1),
		"an exponent":        strings.Replace(line, `"n":1`, `"n":1e0`, 1),
		"a fraction":         strings.Replace(line, `"n":1`, `"n":1.0`, 1),
		"a large number":     strings.Replace(line, `"n":1`, `"n":9007199254740993`, 1),
		"null":               strings.Replace(line, `"n":1`, `"n":null`, 1),
		"no UTF-8":           strings.Replace(line, `Border`, "Bor\xffder", 1),
		"a control sign":     strings.Replace(line, `Border`, "Bor\\u0000der", 1),
		"a turned line":      strings.Replace(line, `Border`, "Bor\u202eder", 1),
		"half a sign":        strings.Replace(line, `Border`, "Bor\\ud800der", 1),
		"two lines":          line + line,
		"something behind":   strings.TrimSpace(line) + "{}\n",
		"no end":             strings.TrimSpace(line),
		"a list":             "[" + strings.TrimSpace(line) + "]\n",
		"deep":               strings.Replace(line, `"n":1`, `"n":`+strings.Repeat("[", 40)+strings.Repeat("]", 40), 1),
		"long":               strings.Replace(line, `Border`, strings.Repeat("x", directory.MaxStatement), 1),
	} {
		if other == line {
			t.Fatalf("%s: nothing was changed: mend this test", name)
		}
		if _, err := directory.Parse([]byte("sarhad statement 1\n" + other)); err == nil {
			t.Errorf("%s is read: %.200s", name, other)
		}
	}
}

// FuzzParse proves that whatever is read has one form and cannot stop a node.
func FuzzParse(f *testing.F) {
	f.Add([]byte("sarhad statement 1\n{\"at\":\"2026-03-02T08:00:00Z\",\"body\":{},\"kind\":\"x\",\"n\":1,\"subject\":\"y\"}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := directory.Parse(data); err == nil && (s.N < 1 || s.Kind == "") {
			t.Errorf("%q", data)
		}
		_, _ = directory.ReadBundle(data)
		_, _ = directory.ReadInvitation(data)
		_, _ = directory.ReadRequest(data)
	})
}

// TestAStatementOfANewerRelease proves that it is kept, passed on and understood by nobody, and that a stranger cannot bring one in.
func TestAStatementOfANewerRelease(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz := r.Countries["KAZ"]
	text := `{"at":"` + r.Time.Format(time.RFC3339) + `","body":{"holiday":"Nauryz"},"country":"KAZ","in":"` + kaz.Directory.Identity() + `","kind":"calendar","n":1,"subject":"KAZ"}`
	draft := []byte("sarhad statement 1\n" + text + "\n")
	refused(t, kaz.Directory.Propose(t.Context(), r.Sign(draft, r.Countries["UZB"].Registrar.Signer)), "who may sign")
	must(t, kaz.Directory.Propose(t.Context(), r.Sign(draft, kaz.Registrar.Signer)))
	r.Publish(kaz, "KAZ", "TJK", "UZB")
	have, _ := kaz.Directory.Size()
	b, err := r.Countries["TKM"].Directory.Missing(t.Context(), have-1)
	if err != nil || !strings.Contains(b.Leaves[0], "Nauryz") {
		t.Errorf("%+v %v", b, err)
	}
}

// TestARegistrarEnds proves that an appointment ends by itself and that a later date does not help.
func TestARegistrarEnds(t *testing.T) {
	r := directorytest.NewRegion(t)
	r.Time = r.Time.Add(directory.AuthorityLife)
	uzb := r.Countries["UZB"].Registrar
	refused(t, uzb.Introduce(t.Context(), directory.Party{ID: "UZB", Type: directory.Country, Country: "UZB", Names: directorytest.Names("x")}), "is appointed from")
	must(t, reappointed(t, r, "UZB"))
	must(t, uzb.Introduce(t.Context(), directory.Party{ID: "UZB", Type: directory.Country, Country: "UZB", Names: directorytest.Names("x")}))
}
