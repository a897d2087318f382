package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"sarhad/internal/authn"
	"sarhad/record"
)

var _ authn.Store = (*Store)(nil)

const userColumns = `id, name, display, agency, place, roles, lang, disabled, must_change, password_hash, password_at,
	totp_secret, totp_pending, totp_step, epoch, created_at`

// scanner is a row or rows.
type scanner interface{ Scan(dest ...any) error }

func scanUser(row scanner) (u authn.User, err error) {
	var roles string
	var passwordAt, createdAt sql.NullInt64
	err = row.Scan(&u.ID, &u.Name, &u.Display, &u.Agency, &u.Place, &roles, &u.Lang, &u.Disabled, &u.MustChange, &u.PasswordHash, &passwordAt,
		&u.TOTPSecret, &u.TOTPPending, &u.TOTPStep, &u.Epoch, &createdAt)
	if err != nil {
		return u, err
	}
	u.PasswordAt, u.CreatedAt = fromMicros(passwordAt), fromMicros(createdAt)
	return u, json.Unmarshal([]byte(roles), &u.Roles)
}

// micros is a time of users and sessions as it is stored; nil when it is zero.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func fromMicros(v sql.NullInt64) time.Time {
	if !v.Valid {
		return time.Time{}
	}
	return time.UnixMicro(v.Int64).UTC()
}

func readUser(ctx context.Context, ses *session, column, value string) (u authn.User, err error) {
	st, err := ses.prepare(ctx, `SELECT `+userColumns+` FROM users WHERE `+column+` = $1`)
	if err != nil {
		return u, err
	}
	u, err = scanUser(st.QueryRowContext(ctx, value))
	return u, noRow(err, "such user")
}

// User implements authn.Users.
func (s *Store) User(ctx context.Context, id string) (u authn.User, err error) {
	err = s.reading(ctx, func(r *session) error {
		u, err = readUser(ctx, r, "id", id)
		return err
	})
	return u, err
}

// UserByName implements authn.Users.
func (s *Store) UserByName(ctx context.Context, name string) (u authn.User, err error) {
	err = s.reading(ctx, func(r *session) error {
		u, err = readUser(ctx, r, "name", name)
		return err
	})
	return u, err
}

// ListUsers implements authn.Users.
func (s *Store) ListUsers(ctx context.Context) (out []authn.User, err error) {
	defer record.Wrap(&err, "ListUsers")
	err = s.reading(ctx, func(r *session) error {
		return r.each(ctx, `SELECT `+userColumns+` FROM users ORDER BY name`, nil, func(rows *sql.Rows) error {
			u, err := scanUser(rows)
			out = append(out, u)
			return err
		})
	})
	return out, err
}

// account runs fn as one act with its audit row; the zero act becomes no row and needs no actor.
func (s *Store) account(ctx context.Context, act record.Act, fn func(context.Context, *session) error) error {
	if act.Action == "" {
		return s.writing(ctx, false, func(w *session) error { return fn(context.WithoutCancel(ctx), w) })
	}
	return s.change(ctx, false, func(rt record.Tx) error {
		t := rt.(*tx)
		if err := fn(t.ctx, t.ses); err != nil {
			return err
		}
		return t.Audit(act)
	})
}

// InsertUser implements authn.UserWriter.
func (s *Store) InsertUser(ctx context.Context, u authn.User, act record.Act) (err error) {
	defer record.Wrap(&err, "InsertUser")
	roles, err := json.Marshal(u.Roles)
	if err != nil {
		return err
	}
	return s.account(ctx, act, func(ctx context.Context, w *session) error {
		_, err := w.exec(ctx, `INSERT INTO users (`+userColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
			u.ID, u.Name, u.Display, u.Agency, u.Place, string(roles), u.Lang, u.Disabled, u.MustChange, u.PasswordHash, micros(u.PasswordAt),
			u.TOTPSecret, u.TOTPPending, u.TOTPStep, u.Epoch, micros(u.CreatedAt))
		if violates(err, "users.") {
			return record.Errorf(record.Conflict, "a user with this name or id exists already: choose another name")
		}
		return err
	})
}

// UpdateUser implements authn.UserWriter.
func (s *Store) UpdateUser(ctx context.Context, id string, act record.Act, change func(*authn.User) error) (err error) {
	defer record.Wrap(&err, "UpdateUser(%s)", id)
	return s.account(ctx, act, func(ctx context.Context, w *session) error {
		u, err := readUser(ctx, w, "id", id)
		if err != nil {
			return err
		}
		if err := change(&u); err != nil {
			return err
		}
		roles, err := json.Marshal(u.Roles)
		if err != nil {
			return err
		}
		_, err = w.exec(ctx, `UPDATE users SET display = $2, agency = $3, place = $4, roles = $5, lang = $6, disabled = $7, must_change = $8,
			password_hash = $9, password_at = $10, totp_secret = $11, totp_pending = $12, totp_step = $13, epoch = $14 WHERE id = $1`,
			id, u.Display, u.Agency, u.Place, string(roles), u.Lang, u.Disabled, u.MustChange,
			u.PasswordHash, micros(u.PasswordAt), u.TOTPSecret, u.TOTPPending, u.TOTPStep, u.Epoch)
		return err
	})
}

// WriteAct implements authn.Acts.
func (s *Store) WriteAct(ctx context.Context, act record.Act) (err error) {
	defer record.Wrap(&err, "WriteAct(%s)", act.Action)
	return s.change(ctx, false, func(t record.Tx) error { return t.Audit(act) })
}

const sessionColumns = `id, user_id, epoch, created_at, seen_at, address, purpose, device, pin, pin_tries, locked_at, secret`

func scanSession(row scanner) (x authn.Session, err error) {
	var purpose string
	var createdAt, seenAt, lockedAt sql.NullInt64
	if err = row.Scan(&x.ID, &x.UserID, &x.Epoch, &createdAt, &seenAt, &x.Address, &purpose, &x.Device, &x.PIN, &x.PINTries, &lockedAt, &x.Secret); err != nil {
		return x, err
	}
	x.CreatedAt, x.SeenAt, x.LockedAt = fromMicros(createdAt), fromMicros(seenAt), fromMicros(lockedAt)
	return x, json.Unmarshal([]byte(purpose), &x.Purpose)
}

func readSession(ctx context.Context, ses *session, id string) (x authn.Session, err error) {
	st, err := ses.prepare(ctx, `SELECT `+sessionColumns+` FROM session WHERE id = $1`)
	if err != nil {
		return x, err
	}
	x, err = scanSession(st.QueryRowContext(ctx, id))
	return x, noRow(err, "such session")
}

// InsertSession implements authn.Sessions.
func (s *Store) InsertSession(ctx context.Context, x authn.Session, act record.Act) (err error) {
	defer record.Wrap(&err, "InsertSession")
	purpose, err := json.Marshal(x.Purpose)
	if err != nil {
		return err
	}
	return s.account(ctx, act, func(ctx context.Context, w *session) error {
		_, err := w.exec(ctx, `INSERT INTO session (`+sessionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			x.ID, x.UserID, x.Epoch, micros(x.CreatedAt), micros(x.SeenAt), x.Address, string(purpose),
			x.Device, x.PIN, x.PINTries, micros(x.LockedAt), x.Secret)
		if violates(err, "session.id") {
			return record.Errorf(record.Conflict, "this session exists already: sign in again")
		}
		return err
	})
}

// Session implements authn.Sessions.
func (s *Store) Session(ctx context.Context, id string) (x authn.Session, err error) {
	err = s.reading(ctx, func(r *session) error {
		x, err = readSession(ctx, r, id)
		return err
	})
	return x, err
}

// UpdateSession implements authn.Sessions.
func (s *Store) UpdateSession(ctx context.Context, id string, act record.Act, change func(*authn.Session) error) (err error) {
	defer record.Wrap(&err, "UpdateSession")
	return s.account(ctx, act, func(ctx context.Context, w *session) error {
		x, err := readSession(ctx, w, id)
		if err != nil {
			return err
		}
		if err := change(&x); err != nil {
			return err
		}
		x.ID = id
		return writeSession(ctx, w, x)
	})
}

// SessionsOf implements authn.SessionEnder.
func (s *Store) SessionsOf(ctx context.Context, userID string) (out []authn.Session, err error) {
	defer record.Wrap(&err, "SessionsOf(%s)", userID)
	err = s.reading(ctx, func(r *session) error {
		return r.each(ctx, `SELECT `+sessionColumns+` FROM session WHERE user_id = $1 ORDER BY created_at DESC, id`, []any{userID}, func(rows *sql.Rows) error {
			x, err := scanSession(rows)
			out = append(out, x)
			return err
		})
	})
	return out, err
}

// DeleteSession implements authn.SessionEnder.
func (s *Store) DeleteSession(ctx context.Context, id string, act record.Act) (err error) {
	defer record.Wrap(&err, "DeleteSession")
	return s.account(ctx, act, func(ctx context.Context, w *session) error {
		res, err := w.exec(ctx, `DELETE FROM session WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return notFound("such session")
		}
		return nil
	})
}

// PruneSessions implements authn.SessionEnder.
func (s *Store) PruneSessions(ctx context.Context, created, seen time.Time) (n int, err error) {
	defer record.Wrap(&err, "PruneSessions")
	err = s.writing(ctx, false, func(w *session) error {
		res, err := w.exec(context.WithoutCancel(ctx), `DELETE FROM session WHERE created_at < $1 OR seen_at < $2 AND pin = ''`, created.UnixMicro(), seen.UnixMicro())
		if err != nil {
			return err
		}
		gone, err := res.RowsAffected()
		n = int(gone)
		return err
	})
	return n, err
}
