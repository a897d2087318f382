package oversight_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
	"sarhad/record/oversight"
	"sarhad/store/sqlite"
)

// journey is the smallest body that names a person.
type journey struct {
	P record.Person `json:"p" class:"identity"`
}

func (*journey) Kind() string    { return "test.journey" }
func (*journey) Version() int    { return 1 }
func (*journey) Validate() error { return nil }
func (j *journey) Index(ix *record.Index) {
	ix.Title = j.P.Names[0].Full
	ix.Persons = append(ix.Persons, j.P)
	for _, d := range j.P.Documents {
		ix.Mention(record.ThingDocument, record.DocumentKey(d.Issuer, d.Number), "travel document", d.Number)
	}
}

// post is a store with a log, the room, and a clock that a test moves. Noon in Almaty is 07:00 UTC.
type post struct {
	t     *testing.T
	store *sqlite.Store
	log   *audit.Sequencer
	room  *oversight.Room
	now   time.Time
}

func open(t *testing.T) *post {
	t.Helper()
	p := &post{t: t, now: time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)}
	now := func() time.Time { return p.now }
	types := record.NewTypes(append(oversight.Bodies(), func() record.Body { return &journey{} })...)
	var err error
	p.store, err = sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Types: types, Node: "kz-node", Now: now, Fold: match.Fold,
		Allow: func(a record.Actor, s record.Scope) bool { return access.Allow(a, access.Read, s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.store.Close() })
	key, _, err := note.GenerateKey(nil, "test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	p.log = &audit.Sequencer{Table: p.store, Signer: signer, Log: quiet, Now: now}
	p.room = &oversight.Room{Store: p.store, Audit: p.store, Node: "kz-node", Now: now, Log: quiet, DrawOneIn: 1 << 62,
		Kin: func(officer string, who record.Person) string {
			switch n := who.Names[0]; {
			case strings.EqualFold(officer, n.Given+" "+n.Surname):
				return oversight.Self
			case strings.HasSuffix(strings.ToUpper(officer), n.Surname):
				return oversight.Relative
			}
			return ""
		},
		Display: func(_ context.Context, user string) (string, error) {
			return map[string]string{"u-dana": "Dana Kenes"}[user], nil
		},
		Code:      func(words string) string { return "query:" + strings.ToLower(words) },
		Zone:      func(string) *time.Location { return time.FixedZone("Almaty", 5*3600) },
		Resembles: func(_ context.Context, who record.Person) (bool, error) { return who.Names[0].Surname == "LISTED", nil },
		Invent: func(_ context.Context, in oversight.Invented) (*record.Record, error) {
			return &record.Record{Kind: "test.journey", Version: 1, Writer: "kz-node", Owner: record.Owner{Agency: "KAZ-PIU"},
				Handling: record.Handling{Marking: "official", Topic: access.Passenger}, Body: &journey{P: in.Person()}}, nil
		}}
	return p
}

func as(user, role string, purpose record.Purpose) context.Context {
	return record.WithActor(context.Background(), record.Actor{User: user, Display: user, Agency: "KAZ-PIU", Roles: []string{role}, Purpose: purpose})
}

var (
	duty = record.Purpose{Kind: "duty", Text: "shift"}
	free = record.Purpose{Kind: "free", Text: "just looking"}
	eye  = as("u-eye", "oversight", duty)
)

// put stores somebody.
func (p *post) put(surname, given string) record.ID {
	p.t.Helper()
	rec := &record.Record{Writer: "kz-node", Owner: record.Owner{Agency: "KAZ-PIU"}, Handling: record.Handling{Marking: "official", Topic: access.Passenger},
		Body: &journey{P: record.Person{Names: []record.Name{{Full: surname + " " + given, Surname: surname, Given: given}}}}}
	err := p.store.Update(record.WithActor(context.Background(), record.Machine("test", "")), func(tx record.Tx) error {
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "create", Subject: rec.ID})
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return rec.ID
}

// does writes an act down.
func (p *post) does(ctx context.Context, a record.Act) {
	p.t.Helper()
	if a.Topic == "" {
		a.Topic = access.Passenger
	}
	if err := p.store.Update(ctx, func(tx record.Tx) error { return tx.Audit(a) }); err != nil {
		p.t.Fatal(err)
	}
}

// asked follows the log and gives the questions, oldest first.
func (p *post) asked() (out []*oversight.Question) {
	p.t.Helper()
	for _, rec := range p.records() {
		out = append(out, rec.Body.(*oversight.Question))
	}
	return out
}

func (p *post) records() (out []*record.Record) {
	p.t.Helper()
	if err := p.log.TakeIn(context.Background()); err != nil {
		p.t.Fatal(err)
	}
	if err := p.room.CatchUp(context.Background()); err != nil {
		p.t.Fatal(err)
	}
	err := p.store.View(eye, func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{oversight.KindQuestion}, Full: true, Oldest: true, Limit: 500})
		for _, row := range page.Rows {
			out = append(out, row.Record)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

func signs(qs []*oversight.Question) (out []string) {
	for _, q := range qs {
		out = append(out, fmt.Sprintf("%s:%d", q.Sign, len(q.Acts)))
	}
	return out
}

// TestSigns proves each sign with the smallest story that shows it, and that the same story without its point shows none.
func TestSigns(t *testing.T) {
	day, night := time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC), time.Date(2026, 3, 2, 21, 14, 0, 0, time.UTC) // 02:14 in Almaty
	for name, c := range map[string]struct {
		at      time.Time
		purpose record.Purpose
		story   func(p *post, ctx context.Context)
		want    string
	}{
		"own name":             {day, duty, func(p *post, ctx context.Context) { p.look(ctx, p.put("KENES", "DANA")) }, "self:1"},
		"own surname":          {day, duty, func(p *post, ctx context.Context) { p.look(ctx, p.put("KENES", "MARAT")) }, "relative:1"},
		"somebody else":        {day, duty, func(p *post, ctx context.Context) { p.look(ctx, p.put("OTHER", "MARAT")) }, ""},
		"own surname, for hit": {day, record.Purpose{Kind: "hit", Ref: "1", Text: "h"}, func(p *post, ctx context.Context) { p.look(ctx, p.put("KENES", "MARAT")) }, ""},
		"decides on own surname": {day, record.Purpose{Kind: "hit", Ref: "1", Text: "h"}, func(p *post, ctx context.Context) {
			p.does(ctx, record.Act{Action: "decide", Subject: p.put("KENES", "MARAT"), Took: time.Minute})
		}, "relative:1"},
		"made from somebody": {day, duty, func(p *post, ctx context.Context) { p.look(ctx, p.child(p.put("KENES", "MARAT"))) }, "relative:1"},
		"searches for the own surname": {day, duty, func(p *post, ctx context.Context) {
			p.does(ctx, record.Act{Action: "search", Reason: "query:kenes", Count: 1})
		}, "own-search:1"},
		"searches for another": {day, duty, func(p *post, ctx context.Context) {
			p.does(ctx, record.Act{Action: "search", Reason: "query:other", Count: 1})
		}, ""},
		"night, own words":    {night, free, func(p *post, ctx context.Context) { p.look(ctx, p.put("OTHER", "A")); p.look(ctx, p.put("OTHER", "B")) }, "night:2"},
		"night, for the duty": {night, duty, func(p *post, ctx context.Context) { p.look(ctx, p.put("OTHER", "A")) }, ""},
		"day, own words":      {day, free, func(p *post, ctx context.Context) { p.look(ctx, p.put("OTHER", "A")) }, ""},
		"quick": {day, duty, func(p *post, ctx context.Context) {
			for range 3 {
				p.does(ctx, record.Act{Action: "decide", Subject: p.put("OTHER", "A"), Took: 4 * time.Second, Verdict: "dismissed"})
			}
		}, "quick:3"},
		"slow enough": {day, duty, func(p *post, ctx context.Context) {
			p.does(ctx, record.Act{Action: "decide", Subject: p.put("OTHER", "A"), Took: 10 * time.Second})
		}, ""},
		"again and again": {day, duty, func(p *post, ctx context.Context) { p.lookTimes(ctx, p.put("OTHER", "A"), 5) }, "many:1"},
		"four times":      {day, duty, func(p *post, ctx context.Context) { p.lookTimes(ctx, p.put("OTHER", "A"), 4) }, ""},
		"again, and acted": {day, duty, func(p *post, ctx context.Context) {
			id := p.put("OTHER", "A")
			p.does(ctx, record.Act{Action: "claim", Subject: id})
			p.lookTimes(ctx, id, 8)
		}, ""},
		"the machine": {night, free, func(p *post, _ context.Context) {
			part := record.Machine("screening", "")
			part.Purpose = free
			p.look(record.WithActor(context.Background(), part), p.put("KENES", "DANA"))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t)
			p.now = c.at
			c.story(p, as("u-dana", "analyst", c.purpose))
			if got := strings.Join(signs(p.asked()), " "); got != c.want {
				t.Errorf("signs %q, want %q", got, c.want)
			}
		})
	}
}

func (p *post) look(ctx context.Context, id record.ID) { p.lookTimes(ctx, id, 1) }

func (p *post) lookTimes(ctx context.Context, id record.ID, n int) {
	for range n {
		p.does(ctx, record.Act{Action: "read", Subject: id, Count: 1})
	}
}

func (p *post) child(of record.ID) record.ID {
	p.t.Helper()
	rec := &record.Record{Kind: "other.kind", Version: 1, Raw: []byte(`{}`), Writer: "kz-node", Owner: record.Owner{Agency: "KAZ-PIU"},
		Handling: record.Handling{Marking: "official", Topic: access.Hit}, Origin: record.Origin{Parents: []record.ID{of}}}
	err := p.store.Update(record.WithActor(context.Background(), record.Machine("test", "")), func(tx record.Tx) error {
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "create", Subject: rec.ID})
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return rec.ID
}

// TestDays proves what is seen over a day that is over: looks without an act, and the same words for many looks.
func TestDays(t *testing.T) {
	p := open(t)
	p.asked() // the follower begins today
	idle, busy, words := as("u-idle", "analyst", duty), as("u-busy", "analyst", duty), as("u-words", "analyst", record.Purpose{Kind: "free", Text: "Check  of data"})
	for i := range 40 {
		id := p.put("OTHER", fmt.Sprint(i))
		p.look(idle, id)
		p.look(busy, id)
		if i < 10 {
			p.look(words, id)
		}
	}
	p.does(busy, record.Act{Action: "decide", Took: time.Minute})
	if got := signs(p.asked()); len(got) > 0 {
		t.Errorf("asked about a day that is not over: %v", got)
	}
	p.now = p.now.AddDate(0, 0, 1)
	var got []string
	for _, q := range p.asked() {
		got = append(got, fmt.Sprintf("%s %s:%d", q.Sign, q.User, len(q.Acts)))
	}
	slices.Sort(got)
	if want := []string{"idle u-idle:40", "words u-words:10"}; !slices.Equal(got, want) {
		t.Errorf("signs of the day: %v, want %v", got, want)
	}
}

// TestFollowerIsIdempotent proves that nothing is skipped and nothing asked twice, also when the cursor is set back, and that
// it puts no names into questions.
func TestFollowerIsIdempotent(t *testing.T) {
	p := open(t)
	ctx := as("u-dana", "analyst", free)
	p.now = time.Date(2026, 3, 2, 21, 14, 0, 0, time.UTC)
	id := p.put("KENES", "MARAT")
	for range 250 { // more than a batch
		p.look(ctx, id)
	}
	said := func() (out []string) {
		for _, rec := range p.records() {
			out = append(out, string(rec.Raw))
		}
		return out
	}
	first := said()
	if again := said(); !slices.Equal(first, again) {
		t.Errorf("asked again: %v, then %v", first, again)
	}
	err := p.store.Update(record.WithActor(ctx, record.Machine("test", "")), func(tx record.Tx) error { return tx.SetCursor(oversight.CursorActs, 0) })
	if err != nil {
		t.Fatal(err)
	}
	again := said()
	if !slices.Equal(first, again) {
		t.Errorf("after a repeat: %v, before %v", again, first)
	}
	for _, raw := range again {
		if strings.Contains(strings.ToUpper(raw), "KENES") || strings.Contains(raw, "Dana") {
			t.Errorf("a question holds a name: %s", raw)
		}
	}
	if len(again) != 3 { // relative, night, many
		t.Errorf("%d questions: %v", len(again), first)
	}
}

// TestDraw proves that about one look in a hundred is drawn, by the leaf alone: the same for everybody who checks.
func TestDraw(t *testing.T) {
	p := open(t)
	p.room.DrawOneIn = 20
	ctx, id := as("u-other", "analyst", duty), p.put("OTHER", "A")
	for range 300 {
		p.look(ctx, id)
	}
	drawn := map[int64]bool{}
	for _, q := range p.asked() {
		if q.Sign == oversight.Draw {
			drawn[q.Acts[0]] = true
		}
	}
	rows, err := p.store.AuditRows(context.Background(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		leaf, err := audit.LeafOf(row.Act, row.Salt)
		if err != nil {
			t.Fatal(err)
		}
		if want := row.Action == "read" && oversight.Drawn(leaf[:], 20); drawn[row.Number] != want {
			t.Errorf("act %d: drawn %v, by its leaf %v", row.Number, drawn[row.Number], want)
		}
	}
	if len(drawn) < 3 || len(drawn) > 40 {
		t.Errorf("%d of 300 looks drawn at one in 20", len(drawn))
	}
	n := 0
	for i := range 20_000 {
		leaf, err := audit.LeafOf(record.Act{Number: int64(i), Action: "read"}, []byte("0123456789abcdef"))
		if err != nil {
			t.Fatal(err)
		}
		if oversight.Drawn(leaf[:], oversight.DefaultDrawOneIn) {
			n++
		}
	}
	if n < 140 || n > 260 {
		t.Errorf("%d of 20000 drawn at one in a hundred", n)
	}
}

var nobody = oversight.Invented{Surname: "Sandalova", Given: "Mira", Born: "1991-04-02", Sex: "F", Nationality: "KAZ", Document: "zz 0001112"}

// TestCanary proves that a planted record looks like any other to an officer, that a look at it, and a search that finds only
// it, is asked about, that the mark is oversight's alone, and that it goes with everything when it is retired.
func TestCanary(t *testing.T) {
	p := open(t)
	mark, err := p.room.Plant(eye, nobody, "first quarter")
	if err != nil {
		t.Fatal(err)
	}
	planted := mark.Body.(*oversight.Canary).Record
	analyst := as("u-dana", "analyst", duty)
	err = p.store.View(analyst, func(tx record.Tx) error {
		rec, err := tx.Get(planted)
		if err != nil {
			return err
		}
		envelope, err := json.Marshal(rec)
		if text := string(envelope) + string(rec.Raw); strings.Contains(text, "canary") || strings.Contains(text, "u-eye") || strings.Contains(text, mark.ID.String()) {
			t.Errorf("the record tells that it is planted: %s", text)
		}
		if _, err := tx.Get(mark.ID); record.KindOf(err) != record.NotFound {
			t.Error("an analyst reads the mark")
		}
		page, err := tx.List(record.Query{Parent: planted})
		if len(page.Rows) > 0 {
			t.Error("the mark hangs on the record")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p.look(analyst, planted)
	p.now = p.now.Add(time.Minute)
	p.does(analyst, record.Act{Action: "search", Count: 1, IDs: hashOf(planted)})
	if got := strings.Join(signs(p.asked()), " "); got != "canary:2" {
		t.Errorf("signs %q", got)
	}
	mine, err := p.room.Mine(analyst, false)
	if err != nil || len(mine) != 1 {
		t.Fatal(mine, err)
	}
	if _, err := p.room.Retire(eye, mark.ID); err != nil {
		t.Fatal(err)
	}
	err = p.store.View(record.WithActor(context.Background(), record.Machine("test", "")), func(tx record.Tx) error {
		if _, err := tx.Get(planted); record.KindOf(err) != record.NotFound {
			t.Error("the retired record is still there")
		}
		all, err := oversight.Canaries(tx)
		if len(all) > 0 {
			t.Errorf("still planted: %v", all)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCanaryHarmsNobody proves what is refused: somebody a list could name, a document that is stored, and anybody but
// oversight.
func TestCanaryHarmsNobody(t *testing.T) {
	p := open(t)
	listed := nobody
	listed.Surname = "LISTED"
	if _, err := p.room.Plant(eye, listed, "why"); record.KindOf(err) != record.Conflict {
		t.Errorf("a listed name is planted: %v", err)
	}
	if _, err := p.room.Plant(eye, nobody, " "); record.KindOf(err) != record.Invalid {
		t.Errorf("planted without a reason: %v", err)
	}
	if _, err := p.room.Plant(as("u-boss", "supervisor", duty), nobody, "why"); record.KindOf(err) != record.Forbidden {
		t.Errorf("a supervisor plants: %v", err)
	}
	if _, err := p.room.Plant(eye, nobody, "why"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.room.Plant(eye, nobody, "why"); record.KindOf(err) != record.Conflict {
		t.Errorf("the same document twice: %v", err)
	}
}

// TestAnswerAndJudge proves that an officer answers the own questions only and once, that odd answers are marked, that a
// question becomes overdue, and that nobody judges the own one or without a reason.
func TestAnswerAndJudge(t *testing.T) {
	p := open(t)
	dana := as("u-dana", "analyst", duty)
	p.look(dana, p.put("KENES", "A"))
	p.look(dana, p.put("KENES", "B"))
	recs := p.records()
	if len(recs) != 2 {
		t.Fatalf("%d questions", len(recs))
	}
	id, two := recs[0].ID, recs[1].ID
	if q := recs[0].Body.(*oversight.Question); q.Overdue(p.now.AddDate(0, 0, 3)) || !q.Overdue(p.now.AddDate(0, 0, 3).Add(time.Second)) {
		t.Error("three days to answer are not three days")
	}
	want := func(err error, kind record.ErrorKind) {
		t.Helper()
		if record.KindOf(err) != kind {
			t.Errorf("got %v, want %q", err, kind)
		}
	}
	_, err := p.room.Answer(as("u-other", "analyst", duty), id, "it was not me at all")
	want(err, record.NotFound)
	_, err = p.room.Answer(dana, id, "  ")
	want(err, record.Invalid)
	_, err = p.room.Answer(dana, id, "work")
	want(err, "")
	_, err = p.room.Answer(dana, id, "another word")
	want(err, record.Conflict)
	rec, err := p.room.Answer(dana, two, "Work")
	want(err, "")
	if odd := rec.Body.(*oversight.Question).Reply.Odd; fmt.Sprint(odd) != "[short repeated]" {
		t.Errorf("odd: %v", odd)
	}
	rows, err := p.store.AskAudit(context.Background(), audit.Question{Actions: []string{"answer-question"}})
	if err != nil || len(rows) != 2 || rows[0].User != "u-dana" {
		t.Errorf("the answer is not the officer's act: %+v %v", rows, err)
	}
	_, err = p.room.Judge(dana, id, "in-order", "fine")
	want(err, record.Forbidden)
	_, err = p.room.Judge(eye, id, "guilty", "no")
	want(err, record.Invalid)
	_, err = p.room.Judge(eye, id, "in-order", "")
	want(err, record.Invalid)
	_, err = p.room.Judge(as("u-dana", "oversight", duty), id, "in-order", "my own")
	want(err, record.Forbidden)
	_, err = p.room.Judge(eye, id, "in-order", "a namesake")
	want(err, "")
	_, err = p.room.Judge(eye, id, "follow-up", "again")
	want(err, record.Conflict)
	err = p.store.View(dana, func(tx record.Tx) error {
		_, err := tx.Get(id)
		return err
	})
	want(err, record.NotFound)
}

// TestTogether proves that questions about one act are put and answered as one: how often an act is asked about tells no sign.
func TestTogether(t *testing.T) {
	p := open(t)
	p.now = time.Date(2026, 3, 2, 21, 14, 0, 0, time.UTC)
	mark, err := p.room.Plant(eye, nobody, "why")
	if err != nil {
		t.Fatal(err)
	}
	dana := as("u-dana", "analyst", free)
	p.look(dana, mark.Body.(*oversight.Canary).Record)
	p.look(dana, p.put("KENES", "MARAT"))
	if n := len(p.records()); n != 3 {
		t.Fatalf("%d signs, want night, planted and relative", n)
	}
	mine, err := p.room.Mine(dana, false)
	if err != nil {
		t.Fatal(err)
	}
	if groups := oversight.Together(mine); len(groups) != 1 || len(groups[0]) != 3 {
		t.Fatalf("%d groups", len(groups))
	}
	if _, err := p.room.Answer(dana, mine[1].ID, "both for the flight of Monday"); err != nil {
		t.Fatal(err)
	}
	for _, q := range p.asked() {
		if q.State != oversight.Answered || len(q.Reply.Odd) > 0 {
			t.Errorf("%s: %s %+v", q.Sign, q.State, q.Reply)
		}
	}
}

// hashOf is what an act has that showed one record alone, as the doors write it.
func hashOf(id record.ID) string {
	sum := sha256.Sum256(id[:])
	return hex.EncodeToString(sum[:])
}
