package hit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// KindClearance is the kind of a clearance record.
const KindClearance = "screening.clearance"

// ClearanceLife is how long a dismissed traveller passes without a new look, unless the entry changes. Two years: about
// the span in which most people travel on the same document, short enough that an error does not live for ever.
const ClearanceLife = 2 * 365 * 24 * time.Hour

// Clearance says that an officer told this traveller and this entry apart. Its record's key is the keyed hash; the body
// holds nothing that names the traveller. Version 1.
type Clearance struct {
	List        string    `json:"list" class:"plain"`
	Entry       string    `json:"entry" class:"plain"`
	Fingerprint string    `json:"fingerprint" class:"plain"`
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

// tags gives the keyed hashes of a traveller for an entry, one for each document that identifies: number, issuer and a
// full birth date. Without such a document nobody can be told apart for good, and the result is empty.
func (r *Room) tags(f Facts, list, entry, fingerprint string) []string {
	born := ""
	for _, b := range f.Born {
		if len(b) == len("2006-01-02") {
			born = b
		}
	}
	var out []string
	for _, d := range f.Documents {
		if d.Number == "" || d.Issuer == "" || born == "" {
			continue
		}
		mac := hmac.New(sha256.New, r.ClearanceKey)
		for _, part := range []string{"sarhad clearance 1", d.Issuer, normalNumber(d.Number), born, f.Sex, list, entry, fingerprint} {
			mac.Write([]byte(part))
			mac.Write([]byte{0})
		}
		out = append(out, hex.EncodeToString(mac.Sum(nil)))
	}
	return out
}

func normalNumber(s string) string {
	return strings.Map(func(c rune) rune {
		if c == ' ' || c == '-' || c == '/' || c == '.' {
			return -1
		}
		return c
	}, strings.ToUpper(s))
}

// cleared reports whether an officer has told this traveller and this entry apart before.
func (r *Room) cleared(tx record.Reader, f Facts, e Entry) (bool, error) {
	for _, tag := range r.tags(f, e.List, e.Key, e.Fingerprint) {
		rec, err := tx.ByKey(KindClearance, tag)
		if err != nil {
			if record.KindOf(err) == record.NotFound {
				continue
			}
			return false, err
		}
		if c, ok := rec.Body.(*Clearance); ok && r.Now().Before(c.Until) {
			return true, nil
		}
	}
	return false, nil
}

// clear stores the clearances of a dismissed traveller and gives their keys.
func (r *Room) clear(tx record.Tx, hit *record.Record, h *Hit, a record.Actor, reason string) ([]string, error) {
	now := r.Now().UTC()
	tags := r.tags(h.Traveller, h.Entry.List, h.Entry.Key, h.Entry.Fingerprint)
	for _, tag := range tags {
		c := &Clearance{List: h.Entry.List, Entry: h.Entry.Key, Fingerprint: h.Entry.Fingerprint, Reason: reason,
			By: a.User, At: now, Until: now.Add(ClearanceLife)}
		rec, err := tx.ByKey(KindClearance, tag)
		switch {
		case record.KindOf(err) == record.NotFound:
			rec = &record.Record{Kind: KindClearance, Version: 1, Key: tag, Writer: r.Node,
				Owner:    record.Owner{Agency: hit.Owner.Agency, Officer: a.User},
				Handling: record.Handling{Marking: record.MaxMarking, Topic: access.Clearance},
				Basis:    record.Basis{Purpose: "a dismissed traveller is not stopped again"}}
		case err != nil:
			return nil, err
		}
		rec.Body, rec.Raw, rec.Occurred, rec.Expires = c, nil, now, c.Until
		if err := tx.Put(rec); err != nil {
			return nil, err
		}
	}
	return tags, nil
}

// unclear takes back what clear stored.
func unclear(tx record.Tx, tags []string) error {
	for _, tag := range tags {
		rec, err := tx.ByKey(KindClearance, tag)
		if record.KindOf(err) == record.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		if _, err := tx.Erase(rec.ID); err != nil {
			return errors.Join(record.Errorf(record.Internal, "the clearance could not be taken back"), err)
		}
	}
	return nil
}

// Clearable reports whether a dismissal can clear the traveller for later journeys: a document with its issuer and a full
// birth date are known.
func (h *Hit) Clearable() bool {
	r := Room{}
	return len(r.tags(h.Traveller, h.Entry.List, h.Entry.Key, h.Entry.Fingerprint)) > 0
}
