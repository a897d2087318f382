package hit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// KindClearance is the kind of a clearance record.
const KindClearance = "screening.clearance"

const (
	// ClearanceLife is how long a dismissed traveller passes without a new look, unless the entry changes. Two years: about
	// the span in which most people travel on the same document, short enough that an error does not live for ever.
	ClearanceLife = 2 * 365 * 24 * time.Hour
	// ClearanceMargin is by how much the evidence may grow, in natural log-odds of the score, before a clearance no longer
	// holds: the officer decided on weaker evidence. A title added or a name written apart moves it by less; another given
	// name, or a patronymic that now agrees, by more.
	ClearanceMargin = 0.5
)

// Clearance says that an officer told this traveller and this entry apart, and on how strong evidence. Its record's key is
// the keyed hash; the body holds nothing that names the traveller. Version 1.
type Clearance struct {
	List        string    `json:"list" class:"plain"`
	Entry       string    `json:"entry" class:"plain"`
	Fingerprint string    `json:"fingerprint" class:"plain"`
	Score       float64   `json:"score" class:"plain"` // of the hit that was dismissed
	Reason      string    `json:"reason" class:"plain"`
	By          string    `json:"by" class:"plain"`
	At          time.Time `json:"at" class:"plain"`
	Until       time.Time `json:"until" class:"plain"`
}

// Kind implements record.Body.
func (*Clearance) Kind() string { return KindClearance }

// Version implements record.Body.
func (*Clearance) Version() int { return 1 }

// Validate implements record.Body.
func (c *Clearance) Validate() error {
	if c.List == "" || c.Entry == "" || c.Reason == "" || c.By == "" {
		return record.Errorf(record.Invalid, "a clearance needs list, entry, reason and officer")
	}
	return nil
}

// Index implements record.Body. It says nothing about the traveller, because it knows nothing.
func (c *Clearance) Index(ix *record.Index) {
	ix.Title = c.List + "/" + c.Entry
	ix.State = "active"
	ix.Mention(record.ThingEntry, c.List+"/"+c.Entry, "cleared of", c.Entry)
}

// holds reports whether the clearance answers evidence of this score at this time.
func (c *Clearance) holds(score float64, now time.Time) bool {
	return now.Before(c.Until) && logOdds(score) <= logOdds(c.Score)+ClearanceMargin
}

// logOdds of a score; the ends are held off, where nothing more can be told.
func logOdds(score float64) float64 {
	score = min(max(score, 0.001), 0.999)
	return math.Log(score / (1 - score))
}

// tags gives the keyed hashes of a traveller for an entry, one for each document that identifies one person: number, issuer
// and a full birth date. A visa does not: a family may share one. Without such a document nobody can be told apart for
// good, and the result is empty.
func (r *Room) tags(f Facts, list, entry, fingerprint string) []string {
	born := ""
	for _, b := range f.Born {
		if len(b) == len(time.DateOnly) {
			born = b
		}
	}
	var out []string
	for _, d := range f.Documents {
		number := record.DocumentNumber(d.Number)
		if number == "" || d.Issuer == "" || born == "" || d.Type == "V" {
			continue
		}
		mac := hmac.New(sha256.New, r.ClearanceKey)
		for _, part := range []string{"sarhad clearance 1", d.Issuer, number, born, list, entry, fingerprint} {
			mac.Write([]byte(part))
			mac.Write([]byte{0})
		}
		out = append(out, hex.EncodeToString(mac.Sum(nil)))
	}
	return out
}

// Clearable reports whether a dismissal can clear the traveller for later journeys: a document with its issuer and a full
// birth date are known.
func (h *Hit) Clearable() bool {
	r := Room{}
	return len(r.tags(h.Traveller, h.Entry.List, h.Entry.Key, h.Entry.Fingerprint)) > 0
}

// cleared reports whether an officer has told this traveller and this entry apart before, on evidence as strong.
func (r *Room) cleared(tx record.Reader, h *Hit) (bool, error) {
	for _, tag := range r.tags(h.Traveller, h.Entry.List, h.Entry.Key, h.Entry.Fingerprint) {
		rec, err := tx.ByKey(KindClearance, tag)
		if record.KindOf(err) == record.NotFound {
			continue
		}
		if err != nil {
			return false, err
		}
		if c, ok := rec.Body.(*Clearance); ok && c.holds(h.Score, r.Now()) {
			return true, nil
		}
	}
	return false, nil
}

// clear stores the clearances of a dismissed traveller and gives the keys of those it made or renewed. One that already
// answers this evidence is somebody's decision and stays as it is.
func (r *Room) clear(tx record.Tx, hit *record.Record, h *Hit, a record.Actor, reason string) ([]string, error) {
	now := r.Now().UTC()
	var done []string
	for _, tag := range r.tags(h.Traveller, h.Entry.List, h.Entry.Key, h.Entry.Fingerprint) {
		rec, err := tx.ByKey(KindClearance, tag)
		switch {
		case record.KindOf(err) == record.NotFound:
			rec = &record.Record{Kind: KindClearance, Version: 1, Key: tag, Writer: r.Node,
				Owner:    record.Owner{Agency: hit.Owner.Agency, Officer: a.User},
				Handling: record.Handling{Marking: record.MaxMarking, Topic: access.Clearance},
				Basis:    record.Basis{Purpose: "a dismissed traveller is not stopped again"}}
		case err != nil:
			return nil, err
		default:
			if c, ok := rec.Body.(*Clearance); ok && c.holds(h.Score, now) {
				continue
			}
		}
		c := &Clearance{List: h.Entry.List, Entry: h.Entry.Key, Fingerprint: h.Entry.Fingerprint, Score: h.Score, Reason: reason,
			By: a.User, At: now, Until: now.Add(ClearanceLife)}
		rec.Body, rec.Raw, rec.Occurred, rec.Expires = c, nil, now, c.Until
		if err := tx.Put(rec); err != nil {
			return nil, err
		}
		done = append(done, tag)
	}
	return done, nil
}

// unclear takes back what clear did: a clearance it made is erased, one it renewed says again what it said before.
func unclear(tx record.Tx, tags []string) error {
	for _, tag := range tags {
		rec, err := tx.ByKey(KindClearance, tag)
		if record.KindOf(err) == record.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		if rec.Revision.Number == 1 {
			if _, err := tx.Erase(rec.ID); err != nil {
				return err
			}
			continue
		}
		all, err := tx.Revisions(rec.ID)
		if err != nil {
			return err
		}
		rec.Body, rec.Raw, rec.Version, rec.Occurred, rec.Expires = all[1].Body, all[1].Raw, all[1].Version, all[1].Occurred, all[1].Expires
		if err := tx.Put(rec); err != nil {
			return err
		}
	}
	return nil
}
