package sqlite

import (
	"encoding/json"
	"math"
	"strings"
	"unicode"

	"sarhad/record"
)

// checkIndex refuses what the tables cannot hold, before anything is written.
func checkIndex(p *record.Record, ix *record.Index) error {
	for _, w := range []struct {
		word string
		n    int
	}{
		{"parents", len(p.Origin.Parents)}, {"mentions", len(ix.Mentions)}, {"persons", len(ix.Persons)},
		{"links", len(ix.Links)}, {"events", len(ix.Events)}, {"measures", len(ix.Measures)},
	} {
		if w.n > maxRows {
			return tooMany(w.word, w.n)
		}
	}
	for _, m := range ix.Measures {
		if len(m.Dims) > record.MaxDims {
			return record.Errorf(record.Invalid, "the measure %s has %d dimensions; at most %d can be counted by", m.Name, len(m.Dims), record.MaxDims)
		}
		if math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
			return record.Errorf(record.Invalid, "the measure %s is no number", m.Name)
		}
	}
	return nil
}

// index writes what a revision says in the six words. Texts wait until the end of the transaction: each savepoint between
// would flush the buffer of the full-text index.
func (t *tx) index(vid, vis int64, until any, ix *record.Index) error {
	base := vid << 12
	if err := t.indexMentions(base, vis, until, ix.Mentions); err != nil {
		return err
	}
	if err := t.indexLinks(base, vis, until, ix.Links); err != nil {
		return err
	}
	if err := t.indexEvents(base, vis, until, ix.Events); err != nil {
		return err
	}
	if err := t.indexMeasures(base, vis, until, ix.Measures); err != nil {
		return err
	}
	if err := t.indexPersons(base, vis, until, ix.Persons); err != nil {
		return err
	}
	words := ix.Title
	for _, w := range ix.Texts {
		words += "\n" + w
	}
	if strings.TrimSpace(words) != "" {
		// Folding takes an eighth of a Put: another core does it while this one goes on inserting.
		x := text{vid: vid, words: words, latin: make(chan string, 1)}
		go func() { x.latin <- latin(words, t.s.cfg.Fold) }()
		t.texts = append(t.texts, x)
	}
	return nil
}

func (t *tx) indexMentions(base, vis int64, until any, mentions []record.Mention) error {
	for i, m := range mentions {
		eid, err := t.internThing(m.Thing)
		if err != nil {
			return err
		}
		role, err := t.internTerm(inRole, m.Role)
		if err != nil {
			return err
		}
		if _, err := t.ses.exec(t.ctx, `INSERT INTO mention (k, eid, role, label, vis, until) VALUES ($1, $2, $3, $4, $5, $6)`,
			base|int64(i), eid, role, m.Label, vis, until); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) indexLinks(base, vis int64, until any, links []record.Link) error {
	for i, l := range links {
		src, err := t.internThing(l.From)
		if err != nil {
			return err
		}
		dst, err := t.internThing(l.To)
		if err != nil {
			return err
		}
		rel, err := t.internTerm(inRel, l.Rel)
		if err != nil {
			return err
		}
		if _, err := t.ses.exec(t.ctx, `INSERT INTO link (k, src, dst, rel, t, vis, until) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			base|int64(i), src, dst, rel, ms(l.At), vis, until); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) indexEvents(base, vis int64, until any, events []record.Event) error {
	for i, e := range events {
		kind, err := t.internTerm(inEvent, e.Kind)
		if err != nil {
			return err
		}
		place, err := t.internTerm(inPlace, e.Place)
		if err != nil {
			return err
		}
		var lat, lon, cell any
		if e.Located {
			lat, lon, cell = e.Lat, e.Lon, cellOf(e.Lat, e.Lon)
		}
		if _, err := t.ses.exec(t.ctx, `INSERT INTO event (k, t, kind, place, lat, lon, cell, vis, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			base|int64(i), ms(e.At), kind, place, lat, lon, cell, vis, until); err != nil {
			return err
		}
	}
	return nil
}

const cellColumns = 3600

// cellOf gives the tenth of a degree a point lies in.
func cellOf(lat, lon float64) int64 {
	return cellRow(lat)*cellColumns + cellColumn(lon)
}

func cellRow(lat float64) int64 { return int64(math.Floor((min(max(lat, -90), 90) + 90) * 10)) }

func cellColumn(lon float64) int64 {
	return min(int64(math.Floor((min(max(lon, -180), 180)+180)*10)), cellColumns-1)
}

func (t *tx) indexMeasures(base, vis int64, until any, measures []record.Measure) error {
	for i, m := range measures {
		name, err := t.internTerm(inMeasure, m.Name)
		if err != nil {
			return err
		}
		unit, err := t.internTerm(inUnit, m.Unit)
		if err != nil {
			return err
		}
		var d [record.MaxDims]any
		for _, dim := range m.Dims {
			slot, err := t.internSlot(name, dim.Name, m.Name)
			if err != nil {
				return err
			}
			if d[slot], err = t.internTerm(inValue, dim.Value); err != nil {
				return err
			}
		}
		if _, err := t.ses.exec(t.ctx, `INSERT INTO measure (k, name, value, unit, t, vis, until, d1, d2, d3, d4, d5, d6, d7, d8)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			base|int64(i), name, m.Value, unit, ms(m.At), vis, until, d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) indexPersons(base, vis int64, until any, persons []record.Person) error {
	for i, p := range persons {
		body, err := json.Marshal(p)
		if err != nil {
			return err
		}
		listed := 0
		if p.Listing != nil {
			listed = 1
		}
		if _, err := t.ses.exec(t.ctx, `INSERT INTO person (k, listed, vis, until, person) VALUES ($1, $2, $3, $4, $5)`,
			base|int64(i), listed, vis, until, body); err != nil {
			return err
		}
	}
	return nil
}

// text is a row of the full-text index that waits for the end of the transaction.
type text struct {
	vid   int64
	words string
	latin chan string
}

// latin gives the folded words that do not stand in the text already: a Latin text is not kept twice.
func latin(words string, fold func(string) string) string {
	folded := fold(words)
	have := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(words), notWord) {
		have[w] = true
	}
	var out []string
	for _, w := range strings.FieldsFunc(folded, notWord) {
		if !have[w] {
			have[w] = true
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

// notWord reports what separates words, as the tokenizer unicode61 does.
func notWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && !unicode.Is(unicode.Co, r)
}

// flushTexts writes the waiting rows.
func (t *tx) flushTexts() error {
	latins := make([]string, len(t.texts))
	for i, x := range t.texts {
		latins[i] = <-x.latin
		if _, err := t.ses.exec(t.ctx, `INSERT INTO txt (vid, words, latin) VALUES ($1, $2, $3)`, x.vid, x.words, latins[i]); err != nil {
			return t.broke(err)
		}
	}
	for i, x := range t.texts {
		if _, err := t.ses.exec(t.ctx, `INSERT INTO fts (rowid, words, latin) VALUES ($1, $2, $3)`, x.vid, x.words, latins[i]); err != nil {
			return t.broke(err)
		}
	}
	t.texts = nil
	return nil
}

// dropText takes a revision out of the full-text index, which has to be told what stood there.
func (t *tx) dropText(vid int64) error {
	if err := t.flushTexts(); err != nil {
		return err
	}
	if _, err := t.ses.exec(t.ctx, `INSERT INTO fts (fts, rowid, words, latin) SELECT 'delete', vid, words, latin FROM txt WHERE vid = $1`, vid); err != nil {
		return err
	}
	_, err := t.ses.exec(t.ctx, `DELETE FROM txt WHERE vid = $1`, vid)
	return err
}
