package oversight

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
)

// Limits of what is seen over a whole day.
const (
	idleLooks  = 40 // records opened one by one in a day, with nothing done
	sameWords  = 10 // looks for one purpose in the officer's own words
	dayPage    = 500
	daysAtOnce = 7 // days caught up with in one go after a stop
)

// days looks at each day that is over, once. It begins with the day of the first act that no day was seen for.
func (r *Room) days(ctx context.Context) (err error) {
	defer record.Wrap(&err, "oversight.days")
	today := r.Now().UTC().Truncate(24 * time.Hour)
	for range daysAtOnce {
		var done record.Seq
		err := r.Store.View(ctx, func(tx record.Tx) (err error) {
			done, err = tx.Cursor(CursorDays)
			return err
		})
		if err != nil {
			return err
		}
		rows, err := r.Audit.AuditRows(ctx, int64(done), 1)
		if err != nil || len(rows) == 0 || !rows[0].At.Before(today) {
			return err
		}
		due, last, err := r.day(ctx, rows[0].At.UTC().Truncate(24*time.Hour))
		if err != nil {
			return err
		}
		if err := r.ask(ctx, due, CursorDays, done, record.Seq(max(last, rows[0].Number))); err != nil {
			return err
		}
	}
	return nil
}

// tally is what one officer did in a day.
type tally struct {
	last   audit.Row
	looks  []int64
	worked bool
	words  map[string][]int64 // looks by purpose in own words
}

// day sees one day as a whole and gives the number of its last act.
func (r *Room) day(ctx context.Context, day time.Time) (due []raised, last int64, err error) {
	all := map[string]*tally{}
	q := audit.Question{From: day, To: day.AddDate(0, 0, 1), Limit: dayPage}
	for {
		rows, err := r.Audit.AskAudit(ctx, q)
		if err != nil {
			return nil, 0, err
		}
		for _, row := range rows {
			last = max(last, row.Number)
			if strings.HasPrefix(row.User, "machine:") || row.User == "" || row.Topic == access.Oversight || row.Topic == access.Audit {
				continue
			}
			t := all[row.User]
			if t == nil {
				t = &tally{last: row, words: map[string][]int64{}}
				all[row.User] = t
			}
			t.add(row)
		}
		if len(rows) < dayPage {
			break
		}
		q.Before = rows[len(rows)-1].Number
	}
	return signsOf(all, day.Format(time.DateOnly)), last, nil
}

func (t *tally) add(row audit.Row) {
	t.worked = t.worked || slices.Contains(work, row.Action)
	if !slices.Contains(looks, row.Action) || row.Subject.IsZero() {
		return
	}
	t.looks = append(t.looks, row.Number)
	if row.Purpose.Kind == "free" {
		words := strings.ToLower(strings.Join(strings.Fields(row.Purpose.Text), " "))
		t.words[words] = append(t.words[words], row.Number)
	}
}

func signsOf(all map[string]*tally, day string) (out []raised) {
	raise := func(t *tally, sign string, acts []int64, fact string) {
		slices.Sort(acts)
		out = append(out, raised{sign: sign, key: key(sign, t.last.User, day), row: t.last, acts: acts[:min(len(acts), maxActs)],
			facts: []Fact{{"day", day}, {fact, strconv.Itoa(len(acts))}}})
	}
	for _, t := range all {
		if len(t.looks) >= idleLooks && !t.worked {
			raise(t, Idle, t.looks, "looks")
		}
		most := []int64{}
		for _, acts := range t.words {
			if len(acts) > len(most) {
				most = acts
			}
		}
		if len(most) >= sameWords {
			raise(t, Words, most, "looks")
		}
	}
	slices.SortFunc(out, func(a, b raised) int { return cmp.Compare(a.key, b.key) })
	return out
}
