package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"sarhad/record"
)

// Setting gives a durable value of the app; "" when it was never set. It needs no actor: settings hold nothing about
// people.
func (s *Store) Setting(ctx context.Context, key string) (value string, err error) {
	defer record.Wrap(&err, "Setting(%s)", key)
	err = s.reading(ctx, func(r *session) error {
		value, err = r.setting(ctx, key)
		return err
	})
	return value, err
}

// SetSetting sets a durable value, an act that is synced to the disk and not audited. Keys that begin with a dot belong to
// the store.
func (s *Store) SetSetting(ctx context.Context, key, value string) (err error) {
	defer record.Wrap(&err, "SetSetting(%s)", key)
	if key == "" || strings.HasPrefix(key, ".") {
		return record.Errorf(record.Invalid, "the setting %q has a name that the store keeps for itself: choose one without a dot in front", key)
	}
	return s.writing(ctx, false, func(w *session) error { return w.set(ctx, key, value) })
}

func (s *session) setting(ctx context.Context, key string) (string, error) {
	var value string
	err := s.one(ctx, `SELECT value FROM setting WHERE key = $1`, []any{key}, &value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// number reads a setting that is a number; 0 when it is not set.
func (s *session) number(ctx context.Context, key string) (int64, error) {
	value, err := s.setting(ctx, key)
	if err != nil || value == "" {
		return 0, err
	}
	return strconv.ParseInt(value, 10, 64)
}

func (s *session) set(ctx context.Context, key, value string) error {
	_, err := s.exec(context.WithoutCancel(ctx), `INSERT INTO setting (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	return err
}
