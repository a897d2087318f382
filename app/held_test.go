package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"sarhad/record"
	"sarhad/record/privacy/request"
)

// TestAnExhibitHoldsWhatItProves proves that a hold said by another room than privacy's, in words only, keeps a traveller and
// the proof from a supervisor's word and from the clocks, is answered with basis and end, and that both go when it is over.
func TestAnExhibitHoldsWhatItProves(t *testing.T) {
	l := newLegal(t)
	b := signIn(t, l.app, "analyst")
	b.upload("/lists/import", map[string][]byte{"own.csv": []byte(stopList)}, 200)
	l.flight(b, "204")
	journey := l.journeyOf("OTHERMANOV")
	until := l.clock.Now().UTC().AddDate(0, 0, 6).Truncate(time.Millisecond)
	var dated, open exhibit
	for title, e := range map[string]*exhibit{"MARGINALIA": &dated, "POSTCARDS": &open} {
		hold := map[string]any{"basis": "order 17 of the court"}
		if e == &dated {
			hold["until"] = until
		}
		b.do("POST", "/records/"+journey+"/exhibits", map[string]any{"title": title, "how": "photographed", "hold": hold,
			"files": []any{map[string]any{"upload": b.sent(title+".png", snapshot(t))}}}, e, 200)
	}
	boss := signIn(t, l.app, "supervisor")
	held := func(want string) {
		t.Helper()
		var took struct {
			Items []struct {
				ID   string
				Held *struct {
					Hold, Basis string
					Until       *time.Time
				}
			}
		}
		boss.get("/privacy/records/"+journey+"/erasure", &took)
		if h := took.Items[0].Held; h == nil || h.Basis != "order 17 of the court" || h.Hold != want || (h.Until == nil) != (want == open.ID) || h.Until != nil && !h.Until.Equal(until) {
			t.Fatalf("a preview answers %+v", took)
		}
		sign := map[string]any{"action": "erase", "topic": "privacy", "subject": journey, "reason": "person", "details": map[string]string{"ground": "the person asked"}}
		body, err := json.Marshal(map[string]any{"reason": "the person asked", "proof": boss.sign(sign)})
		must(t, err)
		status, got := boss.send("POST", "/privacy/records/"+journey+"/erasure", "application/json", body)
		day := until.Format(time.DateOnly)
		if want == open.ID {
			day = "until it is taken back"
		}
		if status != http.StatusConflict || !strings.Contains(string(got), "order 17 of the court") || !strings.Contains(string(got), day) {
			t.Fatalf("erasing what is held: %d %s", status, got)
		}
	}
	held(open.ID) // the longer one answers
	boss.do("DELETE", "/exhibits/"+open.ID+"/hold", nil, nil, 204)
	held(dated.ID)
	l.days(4)
	if left := strings.Join(inFiles(t, l.dir, "SOMEBODYBEK", "MARGINALIA"), " "); !strings.Contains(left, "SOMEBODYBEK") || !strings.Contains(left, "MARGINALIA") {
		t.Errorf("held, and after four days only in %v", left)
	}
	l.days(4)
	if left := inFiles(t, l.dir, "SOMEBODYBEK", "MARGINALIA", "POSTCARDS"); len(left) > 0 {
		t.Errorf("held no more, and after eight days still in %v", left)
	}
}

// journeyOf finds the journey of a traveller.
func (l *legal) journeyOf(name string) (id string) {
	l.Helper()
	must(l.T, l.app.Store.View(record.WithActor(l.Context(), record.Machine("test", "")), func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{"passenger.journey"}, Text: name, Limit: 1})
		if err == nil && len(page.Rows) > 0 {
			id = page.Rows[0].ID.String()
		}
		return err
	}))
	if id == "" {
		l.Fatal("there is no such traveller")
	}
	return id
}

// TestStandingOfARecord proves what a reply to a person says of a record by the clocks: until when it is kept, and that it is
// held.
func TestStandingOfARecord(t *testing.T) {
	l := newLegal(t)
	b := signIn(t, l.app, "analyst")
	l.flight(b, "206")
	id, err := record.ParseID(l.journeyOf("OTHERMANOV"))
	must(t, err)
	standing := func() (out request.Standing) {
		t.Helper()
		must(t, l.app.Store.View(record.WithActor(t.Context(), record.Machine("test", "")), func(tx record.Tx) error {
			rec, err := tx.Get(id)
			if err == nil {
				out, err = l.app.Requests.Standing(tx, rec)
			}
			return err
		}))
		return out
	}
	if s := standing(); s.Held || s.Masked || s.Until.IsZero() || s.Until.After(l.clock.Now().AddDate(0, 0, 4)) {
		t.Errorf("an unmatched traveller: %+v", s)
	}
	signIn(t, l.app, "supervisor").do("POST", "/privacy/holds", map[string]any{"records": []string{id.String()}, "basis": "order 1", "until": "2999-01-01T00:00:00Z"}, nil, 200)
	if s := standing(); !s.Held {
		t.Errorf("held: %+v", s)
	}
	(&world{t: t, app: l.app}).mask(id.String())
	if s := standing(); !s.Masked {
		t.Errorf("masked: %+v", s)
	}
}
