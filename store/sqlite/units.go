package sqlite

import (
	"context"
	"database/sql"
	"time"

	"sarhad/record"
	"sarhad/record/audit"
)

// LooksByUnit implements audit.Units.
func (s *Store) LooksByUnit(ctx context.Context, from, to time.Time) (out []audit.UnitLooks, err error) {
	defer record.Wrap(&err, "LooksByUnit")
	b := &builder{}
	c := append([]string{"action IN ('read', 'revisions', 'search', 'list', 'mentions')", "user_id NOT LIKE 'machine:%'"}, period(b, from, to)...)
	b.WriteString("SELECT agency, count(*) AS n, count(DISTINCT user_id) FROM audit" + where(c...) + " GROUP BY agency ORDER BY n DESC, agency")
	err = s.reading(ctx, func(r *session) error {
		return r.each(ctx, b.String(), b.args, func(rows *sql.Rows) error {
			var u audit.UnitLooks
			err := rows.Scan(&u.Agency, &u.Looks, &u.Officers)
			out = append(out, u)
			return err
		})
	})
	return out, err
}
