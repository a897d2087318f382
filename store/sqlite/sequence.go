package sqlite

import (
	"database/sql"
	"errors"
	"strings"
	"time"

	"sarhad/record"
)

// manyRows bounds what Changes, Persons, Links and Events give at once.
const manyRows = 10_000

// Head implements record.Sequence.
func (t *tx) Head() (record.Seq, error) {
	if t.write {
		return record.Seq(t.next.vid), nil
	}
	if t.seq < 0 {
		var head int64
		if err := t.ses.one(t.ctx, `SELECT coalesce(max(value), 0) FROM counter WHERE name = 'vid'`, nil, &head); err != nil {
			return 0, err
		}
		t.seq = record.Seq(head)
	}
	return t.seq, nil
}

// SeqAt implements record.Sequence. It looks for the place by halves, which is right as long as the clock of the node
// was not set back.
func (t *tx) SeqAt(at time.Time) (seq record.Seq, err error) {
	defer record.Wrap(&err, "SeqAt")
	head, err := t.Head()
	if err != nil {
		return 0, err
	}
	low, high := int64(0), int64(head) // what low stands for is recorded by then; 0 is before everything
	for low < high {
		middle := low + (high-low+1)/2
		var vid, changed int64
		err := t.ses.one(t.ctx, `SELECT vid, changed FROM record WHERE vid <= $1 AND vid > $2 ORDER BY vid DESC LIMIT 1`, []any{middle, low}, &vid, &changed)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			low = middle // everything between was erased
		case err != nil:
			return 0, err
		case changed <= at.UnixMilli():
			low = middle
		default:
			high = vid - 1
		}
	}
	return record.Seq(low), nil
}

// Changes implements record.Sequence.
func (t *tx) Changes(after record.Seq, limit int) (out []record.Row, err error) {
	defer record.Wrap(&err, "Changes")
	may, err := t.filter(nil)
	if err != nil {
		return nil, err
	}
	b := &builder{}
	b.WriteString("SELECT " + lineColumns + " FROM record r")
	readable := ""
	if c := may.on("p.vis"); c != "" {
		readable = "(r.until IS NULL OR EXISTS (SELECT 1 FROM record p WHERE p.id = r.id AND p.until IS NULL AND " + c + "))"
	}
	b.WriteString(where("r.vid > "+b.arg(int64(after)), may.on("r.vis"), readable))
	b.WriteString(" ORDER BY r.vid LIMIT " + b.arg(clamp(limit, record.MaxLimit, manyRows)))
	lines, err := t.lines(b)
	if err != nil {
		return nil, err
	}
	return t.fill(lines, false)
}

// Cursor implements record.Sequence.
func (t *tx) Cursor(name string) (at record.Seq, err error) {
	err = t.ses.one(t.ctx, `SELECT at FROM cursor WHERE name = $1`, []any{name}, (*int64)(&at))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return at, err
}

// SetCursor implements record.Sequence.
func (t *tx) SetCursor(name string, at record.Seq) (err error) {
	defer record.Wrap(&err, "SetCursor(%s)", name)
	if err := t.mayWrite(); err != nil {
		return err
	}
	end := t.next.vid
	if strings.HasPrefix(name, record.LogCursor) {
		end = t.next.act
	}
	if at < 0 || int64(at) > end {
		return record.Errorf(record.Internal, "the cursor %s cannot stand at %d: the sequence ends at %d", name, at, end)
	}
	_, err = t.ses.exec(t.ctx, `INSERT INTO cursor (name, at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = excluded.at`, name, int64(at))
	return err
}

// Behind implements record.Sequence. It reads one range of one index, so a screen may ask every second. While the index is
// rebuilt nobody knows how many persons a revision has: each that waits for the rebuild counts as one, so that the answer is
// 0 only when nobody is behind.
func (t *tx) Behind(after record.Seq) (n int, err error) {
	defer record.Wrap(&err, "Behind")
	may, err := t.filter(nil)
	if err != nil {
		return 0, err
	}
	b := &builder{}
	b.WriteString("SELECT count(*) FROM person p")
	b.WriteString(where("p.listed = 0", "p.k >= "+b.arg((int64(after)+1)<<12), "p.until IS NULL", may.on("p.vis")))
	if err := t.ses.one(t.ctx, b.String(), b.args, &n); err != nil {
		return 0, err
	}
	left, err := t.ses.unindexed(t.ctx)
	if err != nil || left == nil {
		return n, err
	}
	b = &builder{}
	b.WriteString("SELECT count(*) FROM record r")
	b.WriteString(where("r.vid > "+b.arg(max(int64(after), left.after)), "r.gen < "+b.arg(left.gen), "r.until IS NULL", may.on("r.vis")))
	var waiting int
	err = t.ses.one(t.ctx, b.String(), b.args, &waiting)
	return n + waiting, err
}
