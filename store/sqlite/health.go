package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sarhad/record"
)

// Health is how a store stands. It names nobody.
type Health struct {
	Schema, KnownSchema int64         // newest migration in the database; newest that this program has
	Index, KnownIndex   int           // version of the index tables; this program's
	ToReindex           int           // revisions that a rebuild of the index still has to do
	Kinds               []KindVersion // by kind
	Database, WAL       int64         // bytes of the database and of its write-ahead log
	Head, WeekAgo       record.Seq    // of the change sequence: now, and a week before
	Acts, Sequenced     int64         // rows of the log; those in the tree
	WaitingSince        time.Time     // the oldest act that is not in the tree; zero when none waits
	LastAct             time.Time     // newest act
	Backwards           int           // of the last backwardsOf acts, those earlier than the one before by more than a second
	Erasures            int64         // lines of the journal of erasures
}

// KindVersion is which versions of a kind's bodies are stored.
type KindVersion struct {
	Kind           string `json:"kind"`
	Oldest, Newest int
}

const (
	// backwardsOf is how many acts are looked at for a clock that was set back.
	backwardsOf = 10_000
	// journalSchema is the migration that brought the journal of erasures.
	journalSchema = 3
)

// Health tells how the store stands. A store opened read-only may be of an older program; what that did not have is 0. It
// reads every record's row once: for a person who asks, not for each second.
func (s *Store) Health(ctx context.Context) (h Health, err error) {
	defer record.Wrap(&err, "Health")
	h.KnownIndex = indexVersion
	if h.KnownSchema, err = knownSchema(); err != nil {
		return h, err
	}
	for name, to := range map[string]*int64{fileName: &h.Database, fileName + "-wal": &h.WAL} {
		info, err := os.Stat(filepath.Join(s.cfg.Dir, name))
		if err == nil {
			*to = info.Size()
		} else if !errors.Is(err, fs.ErrNotExist) {
			return h, err
		}
	}
	if h.ToReindex, err = s.ToReindex(ctx); err != nil {
		return h, err
	}
	err = s.View(record.WithActor(ctx, record.Machine("health", "")), func(rt record.Tx) (err error) {
		if h.Head, err = rt.Head(); err != nil {
			return err
		}
		h.WeekAgo, err = rt.SeqAt(s.cfg.Now().AddDate(0, 0, -7))
		return err
	})
	if err != nil {
		return h, err
	}
	err = s.reading(ctx, func(r *session) error { return r.health(ctx, &h) })
	return h, err
}

// knownSchema is the number of the newest migration of this program.
func knownSchema() (newest int64, err error) {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		number, _, _ := strings.Cut(f.Name(), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, err
		}
		newest = max(newest, n)
	}
	return newest, nil
}

func (s *session) health(ctx context.Context, h *Health) error {
	index, err := s.number(ctx, setIndexVersion)
	if err != nil {
		return err
	}
	h.Index = int(index)
	if h.Sequenced, err = treeSize(ctx, s); err != nil {
		return err
	}
	var last, waiting sql.NullInt64
	for _, q := range []struct {
		text string
		args []any
		to   any
	}{
		{`SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`, nil, &h.Schema},
		{`SELECT coalesce(max(number), 0) FROM audit`, nil, &h.Acts},
		{`SELECT max(at) FROM audit`, nil, &last},
		{`SELECT min(at) FROM audit WHERE number > $1`, []any{h.Sequenced}, &waiting},
		{`SELECT count(*) FROM audit a JOIN audit b ON b.number = a.number - 1
			WHERE a.number > (SELECT max(number) FROM audit) - $1 AND a.at < b.at - 1000`, []any{backwardsOf}, &h.Backwards},
	} {
		if err := s.one(ctx, q.text, q.args, q.to); err != nil {
			return err
		}
	}
	h.LastAct, h.WaitingSince = fromMS(last), fromMS(waiting)
	if h.Schema >= journalSchema {
		if err := s.one(ctx, `SELECT coalesce(max(n), 0) FROM erasure`, nil, &h.Erasures); err != nil {
			return err
		}
	}
	return s.each(ctx, `SELECT t.code, min(r.version), max(r.version) FROM record r JOIN term t ON t.id = r.kind GROUP BY r.kind ORDER BY t.code`, nil,
		func(rows *sql.Rows) error {
			var k KindVersion
			err := rows.Scan(&k.Kind, &k.Oldest, &k.Newest)
			h.Kinds = append(h.Kinds, k)
			return err
		})
}
