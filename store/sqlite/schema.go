package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/pressly/goose/v3"

	"sarhad/record"
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
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir, goose.WithDisableGlobalRegistry(true), goose.WithAllowOutofOrder(true))
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// notNewer refuses a database that a newer program has migrated, before anything of it is written: this program would not know
// what it must not touch. It looks through a connection that cannot write.
func notNewer(ctx context.Context, cfg Config) error {
	if _, err := os.Stat(filepath.Join(cfg.Dir, fileName)); err != nil {
		return nil // a new one
	}
	cfg.ReadOnly = true
	db, err := sql.Open("sqlite", dsn(cfg))
	if err != nil {
		return err
	}
	defer db.Close()
	var have, last int64
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&have); err != nil {
		return nil // no database of ours yet, or a damaged one: opening it says so
	}
	files, err := fs.ReadDir(migrations, "migrations")
	if err != nil {
		return err
	}
	for _, f := range files {
		n, err := goose.NumericComponent(f.Name())
		if err != nil {
			return err
		}
		last = max(last, n)
	}
	if have > last {
		return record.Errorf(record.Invalid, "the database in %s was written by a newer program (schema %d, this program knows %d): install that program again; nothing was changed",
			cfg.Dir, have, last)
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
