package directory_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/directory/directorytest"
	"sarhad/record"
)

// net carries messages between the nodes of a region until nobody has anything more to say.
type net struct {
	t     *testing.T
	talks map[string]*directory.Talk
	sent  int
}

func newNet(t *testing.T, r *directorytest.Region, keeper string) *net {
	n := &net{t: t, talks: map[string]*directory.Talk{}}
	for code, land := range r.Countries {
		n.talks[code] = &directory.Talk{Directory: land.Directory, Witness: land.Witness, Keeper: code == keeper}
	}
	return n
}

func (n *net) send(from string, to []string, body []byte) {
	n.t.Helper()
	if n.sent++; n.sent > 1000 {
		n.t.Fatal("they talk for ever")
	}
	for _, code := range to {
		answers, err := n.talks[code].Handle(n.t.Context(), from, body)
		must(n.t, err)
		n.answer(code, from, answers)
	}
}

func (n *net) answer(from, to string, answers []directory.Answer) {
	n.t.Helper()
	for _, a := range answers {
		if !a.All {
			n.send(from, []string{to}, a.Body)
			continue
		}
		n.send(from, directorytest.Codes, a.Body)
	}
}

// TestNodesKeepEachOtherUpToDate proves the whole way by messages alone: a registrar speaks, the keeper has it cosigned,
// everybody has it; who was away asks.
func TestNodesKeepEachOtherUpToDate(t *testing.T) {
	r := directorytest.NewRegion(t)
	n := newNet(t, r, "KAZ")
	uzb := r.Countries["UZB"]
	uzb.Registrar.Submit = func(_ context.Context, statement []byte) error {
		body, err := directory.StatementMessage(statement)
		must(t, err)
		n.send("UZB", []string{"KAZ"}, body)
		return nil
	}
	away := n.talks["TKM"]
	n.talks["TKM"] = &directory.Talk{Directory: away.Directory} // its messages are lost
	lost, err := directory.Open(t.Context(), directorytest.NewMemory(), r.Now)
	must(t, err)
	n.talks["TKM"].Directory = lost
	must(t, lost.Pin(t.Context(), uzb.Directory.Identity()))
	must(t, uzb.Registrar.Introduce(t.Context(), directory.Party{ID: "UZB-BGS", Type: directory.Agency, Country: "UZB", Parent: "UZB", Names: directorytest.Names("Border service")}))
	for _, code := range []string{"KAZ", "KGZ", "TJK", "UZB"} {
		if _, err := r.Countries[code].Directory.Party("UZB-BGS"); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
	n.talks["TKM"] = away
	ask, err := away.Ask()
	must(t, err)
	n.answer("TKM", "KGZ", ask)
	if _, err := away.Directory.Party("UZB-BGS"); err != nil {
		t.Errorf("TKM: %v", err)
	}
	// Nothing new for a day, cosigned each hour: fresh everywhere.
	r.Time = r.Time.Add(24 * time.Hour)
	again, err := n.talks["KAZ"].AskWitnesses()
	must(t, err)
	n.answer("KAZ", "KAZ", again)
	for _, code := range directorytest.Codes {
		if f := r.Countries[code].Directory.Fresh(r.Time); f.Age > time.Minute {
			t.Errorf("%s: %v old", code, f.Age)
		}
	}
}

// TestADirectoryBeginsByMessages proves that nodes which know only to which directory they belong get it by messages.
func TestADirectoryBeginsByMessages(t *testing.T) {
	r := directorytest.NewRegion(t)
	fresh := &directorytest.Region{T: t, Time: r.Time, Countries: map[string]*directorytest.Land{}}
	var founders []directory.Founder
	for _, code := range directorytest.Codes {
		land := fresh.Land(code)
		founders = append(founders, directory.Founder{Country: code, Roots: land.Roots, Registrar: land.Registrar.Signer.Public(), Witness: land.Witness.Signer.Public()})
	}
	keeper := fresh.Countries["UZB"]
	must(t, keeper.Directory.Found(t.Context(), "region", 4, founders))
	for _, land := range fresh.Countries {
		must(t, land.Directory.Pin(t.Context(), keeper.Directory.Identity()))
	}
	n := newNet(t, fresh, "UZB")
	ask, err := n.talks["UZB"].AskWitnesses()
	must(t, err)
	n.answer("UZB", "UZB", ask)
	for _, code := range directorytest.Codes {
		if size, _ := fresh.Countries[code].Directory.Size(); size != 6 {
			t.Errorf("%s has %d statements, want 6", code, size)
		}
	}
}

// TestOneBadWordSpoilsNothing proves that a forged cosignature, a stranger's and a repeated one do not keep the good ones from a quorum, and
// that a witness does not look at the drafts of an insider.
func TestOneBadWordSpoilsNothing(t *testing.T) {
	r := directorytest.NewRegion(t)
	n := newNet(t, r, "KAZ")
	kaz := n.talks["KAZ"]
	r.Join("UZB", "uzb-post", r.Machine("uzb-post", "1"))
	draft, err := kaz.AskWitnesses()
	must(t, err)
	n.talks["TJK"].Keepers = []string{"hub"}
	var m directory.Message
	refusal, err := n.talks["TJK"].Handle(t.Context(), "uzb-insider", draft[0].Body)
	must(t, err)
	must(t, json.Unmarshal(refusal[0].Body, &m))
	if !strings.Contains(m.Refused, "uzb-insider does not keep the log") {
		t.Errorf("%+v", m)
	}
	word := func(code string) string {
		a, err := n.talks[code].Handle(t.Context(), "hub", draft[0].Body)
		must(t, err)
		must(t, json.Unmarshal(a[0].Body, &m))
		return m.Cosigned
	}
	good := word("TJK")
	forged := strings.Replace(good, "TJK/witness", "KGZ/witness", 1)
	i := len(good) - 20
	for _, w := range []string{forged, good[:i] + string(good[i]^1) + good[i+1:], good, good, good} {
		if a := n.hear(kaz, w); len(a) > 0 {
			t.Fatal("one country is a quorum")
		}
	}
	if a := n.hear(kaz, word("UZB")); len(a) > 0 {
		t.Fatal("two countries are a quorum")
	}
	if a := n.hear(kaz, word("TKM")); len(a) != 1 || !a[0].All {
		t.Error("three good words made no bundle")
	}
	if _, err := kaz.Directory.Party("uzb-post"); err != nil {
		t.Error(err)
	}
}

func (n *net) hear(keeper *directory.Talk, word string) []directory.Answer {
	n.t.Helper()
	body, err := json.Marshal(directory.Message{Cosigned: word})
	must(n.t, err)
	a, err := keeper.Handle(n.t.Context(), "TJK", body)
	if err != nil {
		n.t.Errorf("a witness's word is an error here: %v", err)
	}
	return a
}

// TestManyAtOnce lets readers look while bundles come in; with -race it proves that they do not disturb each other.
func TestManyAtOnce(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz, d := r.Countries["KAZ"], r.Countries["TKM"].Directory
	var bundles [][]byte
	for _, node := range []string{"kaz-a", "kaz-b", "kaz-c"} {
		r.Join("KAZ", node, r.Machine(node, "1"))
		from, _ := kaz.Directory.Size()
		data := r.Cosigned(kaz, from, "KAZ", "UZB", "TJK")
		_, err := kaz.Directory.Take(t.Context(), data)
		must(t, err)
		r.Sync(kaz, r.Countries["UZB"])
		r.Sync(kaz, r.Countries["TJK"])
		bundles = append(bundles, data)
	}
	done := make(chan struct{})
	var looking sync.WaitGroup
	for range 4 {
		looking.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				_, _ = d.SealKeys("kaz-a")
				_, _ = d.VerifyKeys("kaz-b", r.Time)
				d.Parties()
				h, err := d.Head(0)
				if c, e := d.Compare(t.Context(), h); err != nil || e != nil || c.Relation == directory.Forked {
					t.Errorf("%+v %v %v", c, err, e)
				}
			}
		})
	}
	for _, b := range bundles {
		_, err := d.Take(t.Context(), b)
		must(t, err)
	}
	close(done)
	looking.Wait()
}

func TestMessagesThatAreNone(t *testing.T) {
	r := directorytest.NewRegion(t)
	n := newNet(t, r, "KAZ")
	for _, body := range []string{"", "{", "[]", `{"want":"x"}`, `{} {}`, `{"bundle":"x"}`} {
		if _, err := n.talks["UZB"].Handle(t.Context(), "KAZ", []byte(body)); err == nil {
			t.Errorf("%q is a message", body)
		}
	}
	for _, c := range []struct{ body, to, want string }{
		{`{"want":-1}`, "UZB", "nobody can have -1"},
		{`{"want":99}`, "UZB", "nobody can have 99"},
		{`{"draft":"x"}`, "UZB", "no bundle"},
		{`{"statement":"x"}`, "KAZ", "statement is refused"},
		{`{"statement":"x"}`, "UZB", "does not keep the log"},
	} {
		answers, err := n.talks[c.to].Handle(t.Context(), "KAZ", []byte(c.body))
		var m directory.Message
		if err != nil || len(answers) != 1 || json.Unmarshal(answers[0].Body, &m) != nil || !strings.Contains(m.Refused, c.want) {
			t.Errorf("%s: %v %v", c.body, m.Refused, err)
		}
	}
	if answers, err := n.talks["UZB"].Handle(t.Context(), "KAZ", []byte(`{"song":"la"}`)); err != nil || len(answers) > 0 {
		t.Errorf("a word of a newer release: %v %v", answers, err)
	}
}

// TestBundlesStayWithinTheirSize brings a new node up to date over several bundles.
func TestBundlesStayWithinTheirSize(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz, uzb := r.Countries["KAZ"], r.Countries["UZB"]
	r.Keeper = kaz
	for range 3 {
		for range 200 {
			must(t, kaz.Registrar.Revoke(t.Context(), "KAZ-PIU", "again"))
		}
		from, _ := kaz.Directory.Size()
		_, err := kaz.Directory.Take(t.Context(), r.Cosigned(kaz, from, "KAZ", "UZB", "TJK"))
		must(t, err)
		r.Sync(kaz, uzb)
		r.Sync(kaz, r.Countries["TJK"])
	}
	b, err := kaz.Directory.Missing(t.Context(), 0)
	must(t, err)
	if len(b.Leaves) > directory.MaxLeaves || len(b.Leaves) < 200 {
		t.Errorf("%d statements in one bundle", len(b.Leaves))
	}
	tkm := r.Countries["TKM"]
	r.Sync(kaz, tkm)
	want, _ := kaz.Directory.Size()
	if size, _ := tkm.Directory.Size(); size != want {
		t.Errorf("%d of %d", size, want)
	}
}

// TestABundleGoesInOneMessage proves that however many large statements wait or are missing, what is said about them fits into one
// message, and that a node gets them all.
func TestABundleGoesInOneMessage(t *testing.T) {
	r := directorytest.NewRegion(t)
	kaz := r.Countries["KAZ"]
	fits := func(b directory.Bundle, err error) {
		t.Helper()
		must(t, err)
		data, err := b.Encode()
		must(t, err)
		said, err := json.Marshal(directory.Message{Bundle: string(data)})
		must(t, err)
		if len(said) > record.MaxContent {
			t.Fatalf("%d statements make a message of %d bytes", len(b.Leaves), len(said))
		}
	}
	for round := range 4 {
		for i := 0; ; i++ {
			node := fmt.Sprintf("kaz-%d-%d", round, i)
			if !r.Invited("KAZ", node, r.Machine(node, "1")) {
				break // so much waits that it must be cosigned first
			}
		}
		from, _ := kaz.Directory.Size()
		fits(kaz.Directory.Draft(from))
		r.Publish(kaz, "KAZ", "UZB", "TJK")
	}
	fits(kaz.Directory.Missing(t.Context(), 0))
}

func TestTheTextFileTellsWhomToCall(t *testing.T) {
	r := directorytest.NewRegion(t)
	r.Join("UZB", "uzb-post", r.Machine("uzb-post", "1"))
	r.Publish(r.Countries["KAZ"], "KAZ", "UZB", "TJK")
	people := []directory.Person{
		{Role: directory.RoleDuty, Names: directory.Names{En: "Duty desk", Ru: "Дежурная часть", Own: "Navbatchi"}, Phones: []string{"+99900000001"}, Hours: "24/7", Zone: "Asia/Tashkent", Languages: []string{"uz", "ru"}},
		{Role: directory.RoleFocal, Names: directorytest.Names("Focal point"), Phones: []string{"+99900000002"}, Deputy: "Duty desk"},
	}
	must(t, r.Countries["UZB"].Registrar.Staff(t.Context(), "uzb-post", people))
	r.Publish(r.Countries["KAZ"], "KAZ", "UZB", "TJK")
	r.Time = r.Time.Add(directory.StaleAfter + time.Hour)
	var b bytes.Buffer
	must(t, r.Countries["TJK"].Directory.WriteText(&b, "ru", r.Time))
	for _, want := range []string{"== UZB ==", "node     uzb-post", "Дежурная часть  +99900000001  24/7 Asia/Tashkent  (uz, ru)", "deputy: Duty desk", "! the directory is 97 hours old", "KAZ KGZ TJK TKM UZB, quorum 3"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	for _, bad := range []directory.Person{
		{Role: "king", Names: directorytest.Names("x"), Phones: []string{"+99900000001"}},
		{Role: "duty", Names: directorytest.Names("x")},
		{Role: "duty", Names: directorytest.Names("x"), Phones: []string{"99900000001"}},
		{Role: "duty", Names: directorytest.Names("x"), Phones: []string{"+9990000000123456"}},
		{Role: "duty", Names: directorytest.Names("x"), Phones: []string{"+99900000001"}, Hours: "24/7"},
		{Role: "duty", Names: directorytest.Names("x"), Phones: []string{"+99900000001"}, Deputy: "nobody"},
		{Role: "duty", Names: directory.Names{En: "x"}, Phones: []string{"+99900000001"}},
	} {
		if err := r.Countries["UZB"].Registrar.Staff(t.Context(), "uzb-post", []directory.Person{bad}); err == nil {
			t.Errorf("accepted: %+v", bad)
		}
	}
}

// TestInvitations proves what a registrar refuses.
func TestInvitations(t *testing.T) {
	r := directorytest.NewRegion(t)
	uzb := r.Countries["UZB"].Registrar
	invite := func(node string, kind directory.Type, parent string) error {
		_, _, err := uzb.Invite(t.Context(), node, kind, parent, "00")
		return err
	}
	refused(t, invite("Uzb", directory.Node, "UZB-PIU"), "cannot be invited")
	refused(t, invite("uzb-x", directory.Node, "KAZ-PIU"), "cannot be invited")
	refused(t, invite("uzb-x", directory.Node, "UZB-XXX"), "unknown")
	refused(t, invite("uzb-x", directory.Agency, "UZB-PIU"), "cannot be invited")
	r.Join("KAZ", "kaz-piu", r.Machine("kaz-piu", "1"))
	r.Publish(r.Countries["KAZ"], "KAZ", "UZB", "TJK")
	refused(t, invite("kaz-piu", directory.Node, "UZB-PIU"), "belongs to KAZ")
	refused(t, invite("uzb-x", directory.Outpost, "kaz-piu"), "belongs to KAZ")

	borrowed := r.Machine("uzb-a", "0")
	kaz, err := r.Countries["KAZ"].Directory.Party("kaz-piu")
	must(t, err)
	borrowed.Keys.Seal = kaz.Keys.Seal
	q := invited(t, r, "UZB", "uzb-a", borrowed)
	refused(t, uzb.Approve(t.Context(), q), "a key that belongs to kaz-piu")
	m := r.Machine("uzb-a", "1")
	q = invited(t, r, "UZB", "uzb-a", m)
	first := q
	q2 := invited(t, r, "UZB", "uzb-a", r.Machine("uzb-a", "2"))
	if q.Words() == q2.Words() {
		t.Error("two requests have the same words")
	}
	other := q
	other.Nonce = "11"
	refused(t, uzb.Approve(t.Context(), other), "another invitation")
	other = q
	other.Party.Type = directory.Hub
	refused(t, uzb.Approve(t.Context(), other), "was invited as node")
	refused(t, r.Countries["KAZ"].Registrar.Approve(t.Context(), q), "another directory or country")
	r.Time = r.Time.Add(directory.InviteLife)
	refused(t, uzb.Approve(t.Context(), q), "ended at")
	r.Time = r.Time.Add(-time.Hour)
	must(t, uzb.Approve(t.Context(), q2))
	refused(t, uzb.Approve(t.Context(), first), "an invitation counts once")
	q.Nonce = ""
	refused(t, uzb.Approve(t.Context(), q), "unknown") // a change of keys by somebody who is not there
}
