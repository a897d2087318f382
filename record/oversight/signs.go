package oversight

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
)

// What a look, a search and work are, in words of the log.
var (
	looks    = []string{"read", "revisions"}
	searches = []string{"search", "mentions", "list"}
	work     = []string{"claim", "take-over", "release", "decide", "undo", "acknowledge", "outcome", "import", "create", "revise", "export", "print",
		"opine", "draft", "approve", "answer", "prove", "extend", "send-back", "close"}
)

// Limits of the signs. They choose what is asked, so they are wide: a question costs an officer a minute.
const (
	quickUnder = 10 * time.Second // nobody reads a comparison faster
	nightFrom  = 22               // local hours that are night
	nightTo    = 6
	manyLooks  = 5 // of one officer at one record, without an act
	manyWithin = 7 * 24 * time.Hour
)

// signs says what of one act is to be asked about. What the program does by itself, and oversight, is not asked.
func (r *Room) signs(ctx context.Context, row audit.Row, planted targets) (out []raised, err error) {
	if strings.HasPrefix(row.User, "machine:") || row.Topic == access.Oversight || row.Topic == access.Audit {
		return nil, nil
	}
	raise := func(sign, key string, facts ...Fact) {
		out = append(out, raised{sign: sign, key: key, row: row, acts: []int64{row.Number}, facts: facts, subject: row.Subject})
	}
	day, user := row.At.Format(time.DateOnly), row.User
	look := slices.Contains(looks, row.Action) && !row.Subject.IsZero()
	if (look || row.Action == "search") && Drawn(row.Leaf[:], r.oneIn()) {
		raise(Draw, key(Draw, strconv.FormatInt(row.Number, 10)), Fact{"leaf", hex.EncodeToString(row.Leaf[:8])}, Fact{"one-in", strconv.FormatUint(r.oneIn(), 10)})
	}
	if id, ok := planted.hit(row); ok {
		raise(PlantedOn, key(PlantedOn, user, id.String(), day))
		out[len(out)-1].subject = id
	}
	if row.Action == "decide" && row.Took > 0 && row.Took < quickUnder {
		raise(Quick, key(Quick, user, day), Fact{"seconds", fmt.Sprintf("%.1f", row.Took.Seconds())})
	}
	if hour, at := r.night(row); (look || slices.Contains(searches, row.Action)) && hour {
		raise(Night, key(Night, user, day), Fact{"local", at})
	}
	if row.Action == "search" && r.ownName(ctx, row) {
		raise(OwnSearch, key(OwnSearch, user, day))
	}
	if row.Subject.IsZero() || !look && row.Action != "decide" && row.Action != "claim" {
		return out, nil
	}
	persons, err := r.persons(ctx, row.Subject)
	if err != nil || len(persons) == 0 {
		return out, err
	}
	if sign, err := r.kin(ctx, row, persons); err != nil {
		return nil, err
	} else if sign != "" {
		raise(sign, key(sign, user, row.Subject.String()), Fact{"persons", strconv.Itoa(len(persons))})
	}
	if look {
		n, err := r.again(ctx, row)
		if err != nil {
			return nil, err
		}
		if n >= manyLooks {
			raise(Many, key(Many, user, row.Subject.String()), Fact{"looks", strconv.Itoa(n)})
		}
	}
	return out, nil
}

// targets are the planted records, by id and by the hash that an act has which showed just one record: so a search that
// found nothing else is a look at it too. A list that shows it among others is not.
type targets struct {
	ids    map[record.ID]bool
	hashes map[string]record.ID
}

func targetsOf(ids map[record.ID]bool) targets {
	t := targets{ids, map[string]record.ID{}}
	for id := range ids {
		sum := sha256.Sum256(id[:])
		t.hashes[hex.EncodeToString(sum[:])] = id
	}
	return t
}

func (t targets) hit(row audit.Row) (record.ID, bool) {
	if t.ids[row.Subject] {
		return row.Subject, true
	}
	id, alone := t.hashes[row.IDs]
	return id, alone
}

// Drawn reports whether the lot falls on an act: its leaf, read as a number (first eight bytes, big-endian), is divisible by
// oneIn. A leaf is a hash over a salt that is made when the act is written, so the lot is as good as random and the same
// for everybody who checks.
func Drawn(leaf []byte, oneIn uint64) bool {
	return len(leaf) >= 8 && binary.BigEndian.Uint64(leaf)%oneIn == 0
}

// night reports whether an act falls into the night of its place, for no duty, case or hit; and the local time.
func (r *Room) night(row audit.Row) (bool, string) {
	if row.Purpose.Kind != "free" && row.Purpose.Kind != "" {
		return false, ""
	}
	at := row.At.In(r.Zone(row.Place))
	return at.Hour() >= nightFrom || at.Hour() < nightTo, at.Format("15:04")
}

// ownName reports whether an officer searched for words of the own name. The log keeps only a keyed hash of what was searched
// for, so the hashes of the officer's names are compared.
func (r *Room) ownName(ctx context.Context, row audit.Row) bool {
	display, err := r.Display(ctx, row.User)
	if err != nil || display == "" || row.Reason == "" {
		return false
	}
	words := strings.Fields(display)
	tries := append([]string{display}, words...)
	if len(words) > 1 {
		tries = append(tries, words[len(words)-1]+" "+strings.Join(words[:len(words)-1], " "))
	}
	for _, w := range tries {
		if len([]rune(w)) > 3 && r.Code(w) == row.Reason {
			return true
		}
	}
	return false
}

// fewPersons is how many persons a record may name for a look at it to be a look at them.
const fewPersons = 5

// persons gives whom a record speaks of: its own person words, or those of the records it was made from, as of a hit.
func (r *Room) persons(ctx context.Context, id record.ID) (out []record.Person, err error) {
	err = r.Store.View(ctx, func(tx record.Tx) error {
		out = out[:0]
		rec, err := tx.Get(id)
		if record.KindOf(err) == record.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if out = rec.IndexOf().Persons; len(out) > 0 {
			return nil
		}
		for _, p := range rec.Origin.Parents {
			parent, err := tx.Get(p)
			if record.KindOf(err) == record.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, parent.IndexOf().Persons...)
		}
		return nil
	})
	if len(out) > fewPersons {
		return nil, err
	}
	return out, err
}

// kin compares the officer's name with the persons' of the record. A look at somebody of the own surname for a hit, a case or
// an enquiry is work that was given; to decide about them is asked about all the same.
func (r *Room) kin(ctx context.Context, row audit.Row, persons []record.Person) (string, error) {
	display, err := r.Display(ctx, row.User)
	if err != nil || display == "" {
		return "", err
	}
	given := slices.Contains([]string{"hit", "case", "enquiry", "request"}, row.Purpose.Kind) && row.Action != "decide" && row.Action != "claim"
	sign := ""
	for _, p := range persons {
		switch r.Kin(display, p) {
		case Self:
			return Self, nil
		case Relative:
			if !given {
				sign = Relative
			}
		}
	}
	return sign, nil
}

// again counts the looks of the officer at the record within a week, up to this act; 0 when they did something with it.
func (r *Room) again(ctx context.Context, row audit.Row) (int, error) {
	q := audit.Question{User: row.User, Subject: row.Subject, From: row.At.Add(-manyWithin), Before: row.Number + 1, Limit: record.DefaultLimit}
	rows, err := r.Audit.AskAudit(ctx, q)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, a := range rows {
		if slices.Contains(work, a.Action) {
			return 0, nil
		}
		if slices.Contains(looks, a.Action) {
			n++
		}
	}
	return n, nil
}
