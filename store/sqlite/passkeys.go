package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"sarhad/internal/authn"
	"sarhad/record"
)

const passkeyColumns = `id, user_id, rp, name, key, counter, transports, created_at, used_at, cloned_at`

func scanPasskey(row scanner) (p authn.Passkey, err error) {
	var transports string
	var created, used, cloned sql.NullInt64
	if err = row.Scan(&p.ID, &p.UserID, &p.RP, &p.Name, &p.Key, &p.Counter, &transports, &created, &used, &cloned); err != nil {
		return p, err
	}
	p.CreatedAt, p.UsedAt, p.ClonedAt = fromMicros(created), fromMicros(used), fromMicros(cloned)
	return p, json.Unmarshal([]byte(transports), &p.Transports)
}

func readPasskey(ctx context.Context, ses *session, id []byte) (p authn.Passkey, err error) {
	st, err := ses.prepare(ctx, `SELECT `+passkeyColumns+` FROM passkey WHERE id = $1`)
	if err != nil {
		return p, err
	}
	p, err = scanPasskey(st.QueryRowContext(ctx, id))
	return p, noRow(err, "such passkey")
}

// PasskeysOf implements authn.Passkeys.
func (s *Store) PasskeysOf(ctx context.Context, userID string) (out []authn.Passkey, err error) {
	defer record.Wrap(&err, "PasskeysOf(%s)", userID)
	err = s.reading(ctx, func(r *session) error {
		return r.each(ctx, `SELECT `+passkeyColumns+` FROM passkey WHERE user_id = $1 ORDER BY created_at, id`, []any{userID}, func(rows *sql.Rows) error {
			p, err := scanPasskey(rows)
			out = append(out, p)
			return err
		})
	})
	return out, err
}

// Passkey implements authn.Passkeys.
func (s *Store) Passkey(ctx context.Context, id []byte) (p authn.Passkey, err error) {
	err = s.reading(ctx, func(r *session) error {
		p, err = readPasskey(ctx, r, id)
		return err
	})
	return p, err
}

// InsertPasskey implements authn.Passkeys.
func (s *Store) InsertPasskey(ctx context.Context, p authn.Passkey, act record.Act) (err error) {
	defer record.Wrap(&err, "InsertPasskey")
	transports, err := json.Marshal(p.Transports)
	if err != nil {
		return err
	}
	return s.account(ctx, act, func(ctx context.Context, w *session) error {
		_, err := w.exec(ctx, `INSERT INTO passkey (`+passkeyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			p.ID, p.UserID, p.RP, p.Name, p.Key, p.Counter, string(transports), micros(p.CreatedAt), micros(p.UsedAt), micros(p.ClonedAt))
		if violates(err, "passkey.id") {
			return record.Errorf(record.Conflict, "this passkey is enrolled already: use another authenticator")
		}
		return err
	})
}

// UpdatePasskey implements authn.Passkeys.
func (s *Store) UpdatePasskey(ctx context.Context, id []byte, act record.Act, change func(*authn.Passkey) error) (err error) {
	defer record.Wrap(&err, "UpdatePasskey")
	return s.account(ctx, act, func(ctx context.Context, w *session) error {
		p, err := readPasskey(ctx, w, id)
		if err != nil {
			return err
		}
		if err := change(&p); err != nil {
			return err
		}
		_, err = w.exec(ctx, `UPDATE passkey SET name = $2, counter = $3, used_at = $4, cloned_at = $5 WHERE id = $1`,
			id, p.Name, p.Counter, micros(p.UsedAt), micros(p.ClonedAt))
		return err
	})
}

// DeletePasskey implements authn.Passkeys.
func (s *Store) DeletePasskey(ctx context.Context, id []byte, act record.Act) (err error) {
	defer record.Wrap(&err, "DeletePasskey")
	return s.account(ctx, act, func(ctx context.Context, w *session) error {
		res, err := w.exec(ctx, `DELETE FROM passkey WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return notFound("such passkey")
		}
		return nil
	})
}
