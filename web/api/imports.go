package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/collection/passenger"
	"sarhad/format/paxlst"
	"sarhad/internal/quarantine"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/web/intake"
)

// ImportResult is what became of one file.
type ImportResult struct {
	File      string              `json:"file"`
	Kind      string              `json:"kind" enum:"passenger,unknown"`
	Messages  int                 `json:"messages"`
	Voyages   []string            `json:"voyages" doc:"record ids"`
	Accepted  int                 `json:"accepted" doc:"persons in the file = new + revised + unchanged"`
	New       int                 `json:"new"`
	Revised   int                 `json:"revised"`
	Unchanged int                 `json:"unchanged"`
	Problems  []passenger.Problem `json:"problems"`
	Error     string              `json:"error,omitempty" doc:"one sentence: what is wrong, where, what to do; nothing of the file was stored after it"`

	hash string // SHA-256 of the file, for the log
}

// ImportRow is one message taken in before.
type ImportRow struct {
	Voyage   string    `json:"voyage"`
	Label    string    `json:"label"`
	File     string    `json:"file"`
	At       time.Time `json:"at"`
	Persons  int       `json:"persons"`
	Problems int       `json:"problems"`
}

func (a *API) imports(h huma.API) {
	registerUpload(a, h, "/imports", "importFiles", "Take passenger messages in", func(ctx context.Context, form *multipart.Form) (*body[List[ImportResult]], error) {
		out, err := a.importFiles(ctx, form)
		return answer(List[ImportResult]{Items: out}, err)
	})
	register(a, h, "GET", "/imports", "listImports", "Messages taken in lately", func(ctx context.Context, in *Paging) (*body[List[ImportRow]], error) {
		return answer(a.importList(ctx, in))
	})
}

func (a *API) importFiles(ctx context.Context, form *multipart.Form) ([]ImportResult, error) {
	if _, err := a.mayImport(ctx, access.Passenger); err != nil {
		return nil, err
	}
	files, done, err := opened(form)
	if err != nil {
		return nil, err
	}
	defer done()
	out := []ImportResult{}
	for _, f := range files {
		data, err := io.ReadAll(f) // bounded by the upload
		if err != nil {
			return nil, err
		}
		res, err := takeIn(ctx, a.Passengers, a.Intake.Messages, f.name, data)
		if why := quarantine.ReasonOf(err); why != "" {
			a.Log.Warn("api: the reading of a file was ended", "sha256", res.hash, "reason", why, "err", errors.Unwrap(err))
			res.Error, err = record.MessageOf(err), nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, res)
	}
	// The carrier may forget what we answered for: it must be on the disk, not only in the log of the database.
	return out, a.Sync(ctx)
}

// TakeIn reads a file from outside in a quarantine and stores its messages one by one. What cannot be read is said in the
// result; an error is the store's, or a *record.Error of package quarantine, and then nothing of the file was stored.
func TakeIn(ctx context.Context, room *passenger.Room, name string, data []byte) (ImportResult, error) {
	return TakeInBy(ctx, intake.Reader{}, room, name, data)
}

// TakeInBy is TakeIn with the reader of a node, which shares its quarantine with all other doors.
func TakeInBy(ctx context.Context, by intake.Reader, room *passenger.Room, name string, data []byte) (ImportResult, error) {
	return takeIn(ctx, room, by.Messages, name, data)
}

// TakeInOwn is TakeIn for files that this program has made itself, as those of a demonstration; they need no quarantine.
func TakeInOwn(ctx context.Context, room *passenger.Room, name string, data []byte) (ImportResult, error) {
	return takeIn(ctx, room, func(_ context.Context, name string, data []byte, each func(paxlst.Message) error) error {
		return paxlst.Scan(bytes.NewReader(data), name, each)
	}, name, data)
}

// messages reads a file and calls each for every message in it.
type messages func(ctx context.Context, name string, data []byte, each func(paxlst.Message) error) error

func takeIn(ctx context.Context, room *passenger.Room, read messages, name string, data []byte) (ImportResult, error) {
	sum := sha256.Sum256(data)
	file := passenger.File{Name: name, Hash: hex.EncodeToString(sum[:])}
	res := ImportResult{File: name, Kind: "passenger", Voyages: []string{}, Problems: []passenger.Problem{}, hash: file.Hash}
	var failed error
	err := read(ctx, name, data, func(m paxlst.Message) error {
		r, err := room.Accept(ctx, file, m)
		res.Messages++
		res.Accepted += r.Accepted
		res.New += r.New
		res.Revised += r.Revised
		res.Unchanged += r.Unchanged
		res.Problems = append(res.Problems, r.Problems...)
		for _, id := range r.Voyages {
			if !slices.Contains(res.Voyages, id.String()) {
				res.Voyages = append(res.Voyages, id.String())
			}
		}
		failed = err
		return err
	})
	if failed != nil {
		return res, failed
	}
	if err != nil && res.Messages == 0 {
		res.Kind = "unknown"
	}
	var person *record.Error
	if errors.As(err, &person) || ctx.Err() != nil {
		return res, err
	}
	if err != nil {
		res.Error = err.Error()
	}
	return res, nil
}

func (a *API) importList(ctx context.Context, in *Paging) (List[ImportRow], error) {
	out := List[ImportRow]{Items: []ImportRow{}}
	err := a.look(ctx, record.Act{Action: "list", Topic: access.Passenger}, asked("", "imports", in.Cursor), func(tx record.Tx) ([]record.ID, error) {
		var ids []record.ID
		next, err := latest(tx, in, func(rec *record.Record, v *passenger.Voyage) {
			ids = append(ids, rec.ID)
			for _, s := range slices.Backward(v.Sources) {
				out.Items = append(out.Items, ImportRow{rec.ID.String(), v.Label() + " " + v.From + "-" + v.To, s.File, s.Received, s.Persons, len(v.Problems)})
			}
		})
		out.Next = next
		slices.SortStableFunc(out.Items, func(x, y ImportRow) int { return y.At.Compare(x.At) })
		return ids, err
	})
	return out, err
}

const (
	// stretch is how much of the change sequence is read at once, looking back for voyages: a flight and its travellers.
	stretch = 500
	// stretches bounds one page. A page may be short, or even empty, and still have a next one.
	stretches = 40
)

// latest gives the voyages that were stored last, by the change sequence: a list in order of arrival would show what flies
// in a month before what came a minute ago. The cursor is a number of the sequence.
func latest(tx record.Tx, in *Paging, each func(*record.Record, *passenger.Voyage)) (next string, err error) {
	at, err := tx.Head()
	if err != nil {
		return "", err
	}
	if in.Cursor != "" {
		n, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil || n < 1 {
			return "", record.Errorf(record.Invalid, "the cursor is not one of this list; begin with its first page")
		}
		at = min(at, record.Seq(n))
	}
	left := in.Limit
	if left == 0 {
		left = record.DefaultLimit
	}
	for range stretches {
		from := max(at-stretch, 0)
		rows, err := tx.Changes(from, stretch)
		if err != nil {
			return "", err
		}
		for _, row := range slices.Backward(rows) {
			if row.Seq > at || row.Until != 0 || row.Kind != passenger.KindVoyage {
				continue
			}
			if left == 0 {
				return strconv.FormatInt(int64(row.Seq), 10), nil
			}
			rec, v, err := voyageOf(tx, row.ID)
			if record.KindOf(err) == record.NotFound {
				continue // of a newer program
			}
			if err != nil {
				return "", err
			}
			each(rec, v)
			left--
		}
		if at = from; at == 0 {
			return "", nil
		}
	}
	return strconv.FormatInt(int64(at), 10), nil
}
