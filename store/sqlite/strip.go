package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
	"sarhad/record/audit"
)

// setStripped is up to which act everything was stripped.
const setStripped = ".audit.stripped"

// Strip implements record.Masks.
func (t *tx) Strip(s record.Stripping) (n int, more bool, err error) {
	defer record.Wrap(&err, "Strip")
	if err := t.mayWrite(); err != nil {
		return 0, false, err
	}
	if s.Limit <= 0 {
		s.Limit = record.StripRows
	}
	var rows []audit.Row
	bare := bareWords
	if !s.Before.IsZero() {
		bare = bareAll
		rows, more, err = t.oldActs(s.Before, s.Limit)
	} else {
		rows, more, err = t.wordyActs(s)
	}
	if err != nil || len(rows) == 0 {
		return 0, more, err
	}
	if err := t.strip(rows, bare, s.Reason); err != nil {
		return 0, false, t.broke(err)
	}
	return len(rows), more, nil
}

// bareWords leaves of an act everything but the free words of its purpose.
func bareWords(a record.Act) record.Act {
	a.Purpose.Text = ""
	return a
}

// bareAll leaves number, time and action.
func bareAll(a record.Act) record.Act {
	return record.Act{Number: a.Number, At: a.At, Action: a.Action}
}

// strip takes detail out of rows and writes the act that answers for them.
func (t *tx) strip(rows []audit.Row, bare func(record.Act) record.Act, reason string) error {
	slices.SortFunc(rows, func(a, b audit.Row) int { return int(a.Number - b.Number) })
	sum := sha256.New()
	for _, r := range rows {
		left := bare(r.Act)
		rest, err := audit.Rest(left)
		if err != nil {
			return err
		}
		audit.AddStrip(sum, r.Number, r.Leaf, rest)
		if err := t.setAct(left); err != nil {
			return err
		}
		if _, err := t.ses.exec(t.ctx, `INSERT INTO stripped (number, act, rest) VALUES ($1, $2, $3)`, r.Number, t.next.act+1, rest[:]); err != nil {
			return err
		}
	}
	t.changed, t.erased = true, true
	return t.Audit(record.Act{Action: record.ActStrip, Count: len(rows), IDs: hex.EncodeToString(sum.Sum(nil)), Reason: reason})
}

// setAct writes what is left of a row; its salt goes.
func (t *tx) setAct(a record.Act) error {
	var subject any
	if !a.Subject.IsZero() {
		subject = a.Subject[:]
	}
	_, err := t.ses.exec(t.ctx, `UPDATE audit SET user_id = $2, role = $3, agency = $4, place = $5, topic = $6, subject = $7, many = $8, ids = $9,
		purpose_kind = $10, purpose_ref = $11, purpose_text = $12, purpose_since = $13, purpose_until = $14, verdict = $15, reason = $16, took = $17,
		salt = X'', signature = CASE WHEN $18 THEN signature END WHERE number = $1`,
		a.Number, a.User, a.Role, a.Agency, a.Place, a.Topic, subject, a.Count, a.IDs, a.Purpose.Kind, a.Purpose.Ref, a.Purpose.Text,
		ms(a.Purpose.Since), ms(a.Purpose.Until), a.Verdict, a.Reason, int64(a.Took), a.Signature != nil)
	return err
}

// oldActs gives the next rows of the log before a time that still have detail, in order; the place where it stopped is kept.
func (t *tx) oldActs(before time.Time, limit int) (out []audit.Row, more bool, err error) {
	done, err := t.ses.number(t.ctx, setStripped)
	if err != nil {
		return nil, false, err
	}
	b := &builder{}
	b.WriteString("SELECT " + actColumns + " FROM audit WHERE number > " + b.arg(done) + " AND leaf IS NOT NULL ORDER BY number LIMIT " + b.arg(limit))
	rows, err := acts(t.ctx, t.ses, b)
	if err != nil {
		return nil, false, err
	}
	more = len(rows) == limit
	for _, r := range rows {
		if !r.At.Before(before) {
			more = false
			break
		}
		done = r.Number
		if !audit.Kept(r.Action) {
			out = append(out, r)
		}
	}
	return out, more, t.ses.set(t.ctx, setStripped, strconv.FormatInt(done, 10))
}

// wordyActs gives rows about the subjects, or with the same free words as one of these.
func (t *tx) wordyActs(s record.Stripping) (out []audit.Row, more bool, err error) {
	words := map[string]bool{}
	for _, text := range s.Texts {
		words[text] = !slices.Contains(s.Words, text)
	}
	maps.DeleteFunc(words, func(_ string, free bool) bool { return !free })
	for _, id := range s.Subjects {
		err := t.ses.each(t.ctx, `SELECT DISTINCT purpose_text FROM audit WHERE subject = $1 AND purpose_kind <> 'duty' AND purpose_text <> '' AND action <> 'erase'`,
			[]any{id[:]}, func(rows *sql.Rows) error {
				var text string
				err := rows.Scan(&text)
				if !slices.Contains(s.Words, text) {
					words[text] = true
				}
				return err
			})
		if err != nil {
			return nil, false, err
		}
	}
	subjects, err := hexed(s.Subjects)
	if err != nil {
		return nil, false, err
	}
	for _, text := range slices.Sorted(maps.Keys(words)) {
		if len(out) >= s.Limit {
			return out, true, nil
		}
		var waits bool
		err := t.ses.one(t.ctx, `SELECT EXISTS (SELECT 1 FROM audit WHERE purpose_kind <> 'duty' AND purpose_text <> '' AND purpose_text = $1 AND leaf IS NULL)`, []any{text}, &waits)
		if err != nil {
			return nil, false, err
		}
		if waits { // its leaf must be in the log first
			more = true
			continue
		}
		// The subjects' own rows last: the words are known by them, should it take more than one act.
		b := &builder{}
		b.WriteString("SELECT " + actColumns + " FROM audit WHERE purpose_kind <> 'duty' AND purpose_text <> '' AND action <> 'erase' AND purpose_text = " + b.arg(text))
		b.WriteString(" ORDER BY coalesce(hex(subject), '') IN (SELECT value FROM json_each(" + b.arg(subjects) + ")), number LIMIT " + b.arg(s.Limit-len(out)))
		rows, err := acts(t.ctx, t.ses, b)
		if err != nil {
			return nil, false, err
		}
		out = append(out, rows...)
		more = more || len(out) >= s.Limit
		// Who still works with these words says them anew.
		if _, err := t.ses.exec(t.ctx, `UPDATE session SET purpose = '{}' WHERE json_extract(purpose, '$.text') = $1`, text); err != nil {
			return nil, false, err
		}
	}
	return out, more, nil
}

// FreeWords implements record.Masks.
func (t *tx) FreeWords(after string, limit int) (out []string, err error) {
	defer record.Wrap(&err, "FreeWords")
	err = t.ses.each(t.ctx, `SELECT DISTINCT purpose_text FROM audit WHERE purpose_kind <> 'duty' AND purpose_text <> '' AND purpose_text > $1 ORDER BY purpose_text LIMIT $2`,
		[]any{after, clamp(limit, record.MaxLimit, manyRows)}, func(rows *sql.Rows) error {
			var text string
			err := rows.Scan(&text)
			out = append(out, text)
			return err
		})
	return out, err
}

// hexed lists ids as SQLite writes them, for json_each.
func hexed(ids []record.ID) (string, error) {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = strings.ToUpper(hex.EncodeToString(id[:]))
	}
	b, err := json.Marshal(out)
	return string(b), err
}

// CountActs implements audit.Table.
func (s *Store) CountActs(ctx context.Context, action string, upTo int64) (n int64, err error) {
	defer record.Wrap(&err, "CountActs(%s)", action)
	err = s.reading(ctx, func(r *session) error {
		return r.one(ctx, `SELECT count(*) FROM audit WHERE action = $1 AND number <= $2`, []any{action, upTo}, &n)
	})
	return n, err
}

// AuditStrips implements audit.Table.
func (s *Store) AuditStrips(ctx context.Context, from, to int64) (out []audit.Strip, err error) {
	defer record.Wrap(&err, "AuditStrips(%d, %d)", from, to)
	err = s.reading(ctx, func(r *session) error {
		return r.each(ctx, `SELECT number, act, rest FROM stripped WHERE number > $1 AND number <= $2 ORDER BY number, act`, []any{from, to},
			func(rows *sql.Rows) error {
				var x audit.Strip
				var rest []byte
				err := rows.Scan(&x.Number, &x.Act, &rest)
				x.Rest = tlog.Hash(append(rest, make([]byte, max(0, tlog.HashSize-len(rest)))...)[:tlog.HashSize])
				out = append(out, x)
				return err
			})
	})
	return out, err
}
