package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"sarhad/internal/authn"
	"sarhad/record"
)

// Device implements authn.Devices.
func (s *Store) Device(ctx context.Context, id string) (d authn.Device, err error) {
	err = s.reading(ctx, func(r *session) error {
		var created sql.NullInt64
		err := r.one(ctx, `SELECT id, name, marked_by, created_at FROM device WHERE id = $1`, []any{id}, &d.ID, &d.Name, &d.MarkedBy, &created)
		d.CreatedAt = fromMicros(created)
		return noRow(err, "such device")
	})
	return d, err
}

// InsertDevice implements authn.Devices.
func (s *Store) InsertDevice(ctx context.Context, d authn.Device, act record.Act) (err error) {
	defer record.Wrap(&err, "InsertDevice")
	return s.account(ctx, act, func(ctx context.Context, w *session) error {
		_, err := w.exec(ctx, `INSERT INTO device (id, name, marked_by, created_at) VALUES ($1, $2, $3, $4)`, d.ID, d.Name, d.MarkedBy, micros(d.CreatedAt))
		if violates(err, "device.id") {
			return record.Errorf(record.Conflict, "this computer is marked as shared already")
		}
		return err
	})
}

// DeleteDevice implements authn.Devices.
func (s *Store) DeleteDevice(ctx context.Context, id, keep string, act record.Act) (err error) {
	defer record.Wrap(&err, "DeleteDevice")
	return s.account(ctx, act, func(ctx context.Context, w *session) error {
		res, err := w.exec(ctx, `DELETE FROM device WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return notFound("such device")
		}
		if _, err := w.exec(ctx, `DELETE FROM session WHERE device = $1 AND device <> '' AND id <> $2`, id, keep); err != nil {
			return err
		}
		_, err = w.exec(ctx, `UPDATE session SET device = '', pin = '', pin_tries = 0 WHERE device = $1 AND device <> ''`, id)
		return err
	})
}

// SessionsAt implements authn.Devices.
func (s *Store) SessionsAt(ctx context.Context, device string) (out []authn.Session, err error) {
	defer record.Wrap(&err, "SessionsAt")
	err = s.reading(ctx, func(r *session) error {
		return r.each(ctx, `SELECT `+sessionColumns+` FROM session WHERE device = $1 AND device <> '' ORDER BY created_at, id`, []any{device}, func(rows *sql.Rows) error {
			x, err := scanSession(rows)
			out = append(out, x)
			return err
		})
	})
	return out, err
}

// RenewSession implements authn.Devices.
func (s *Store) RenewSession(ctx context.Context, id string, act record.Act, change func(*authn.Session) error) (err error) {
	defer record.Wrap(&err, "RenewSession")
	return s.account(ctx, act, func(ctx context.Context, w *session) error {
		x, err := readSession(ctx, w, id)
		if err != nil {
			return err
		}
		if err := change(&x); err != nil {
			return err
		}
		if _, err := w.exec(ctx, `UPDATE session SET id = $2, address = $3 WHERE id = $1`, id, x.ID, x.Address); err != nil {
			return err
		}
		return writeSession(ctx, w, x)
	})
}

// writeSession stores what of a session changes.
func writeSession(ctx context.Context, w *session, x authn.Session) error {
	purpose, err := json.Marshal(x.Purpose)
	if err != nil {
		return err
	}
	_, err = w.exec(ctx, `UPDATE session SET epoch = $2, seen_at = $3, purpose = $4, device = $5, pin = $6, pin_tries = $7, locked_at = $8, secret = $9 WHERE id = $1`,
		x.ID, x.Epoch, micros(x.SeenAt), string(purpose), x.Device, x.PIN, x.PINTries, micros(x.LockedAt), x.Secret)
	return err
}
