package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed index.sql
var indexSQL string

//go:embed drop.sql
var dropSQL string

// indexVersion is the version of index.sql and of the code that fills it. A database with another one has its index
// dropped when it is opened and rebuilt by Reindex.
const indexVersion = 1

// Settings of the store itself; those of the app have no dot in front.
const (
	setIncarnation  = ".incarnation"   // UUIDv7, name of this life of the audit and of the sequence
	setIndexVersion = ".index.version" // of index.sql
	setGeneration   = ".index.gen"     // generation that new rows are written in
	setReindexed    = ".index.at"      // last vid a running reindex has done; "" = none is running
)

// migrate brings the truth tables up to this program. Only goose's table knows what was applied; there is no way down.
func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// prepareIndex makes the index tables if they are missing or of another version, and asks for a reindex then.
func (s *Store) prepareIndex(ctx context.Context, w *session) error {
	have, err := w.setting(ctx, setIndexVersion)
	if err != nil {
		return err
	}
	if have == strconv.Itoa(indexVersion) {
		return nil
	}
	if err := w.raw(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err = func() error {
		if err := w.raw(ctx, dropSQL+indexSQL); err != nil {
			return err
		}
		gen, err := w.number(ctx, setGeneration)
		if err != nil {
			return err
		}
		if err := w.set(ctx, setGeneration, strconv.FormatInt(gen+1, 10)); err != nil {
			return err
		}
		if have != "" {
			if err := w.set(ctx, setReindexed, "0"); err != nil {
				return err
			}
		}
		return w.set(ctx, setIndexVersion, strconv.Itoa(indexVersion))
	}()
	if err != nil {
		_ = w.raw(ctx, "ROLLBACK")
		return fmt.Errorf("make the index tables: %w", err)
	}
	return w.raw(ctx, "COMMIT")
}
