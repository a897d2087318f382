package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/collection/passenger"
	"sarhad/format/paxlst"
	"sarhad/record"
	"sarhad/record/access"
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
	op := huma.Operation{OperationID: "importFiles", Method: "POST", Path: "/api/imports", Summary: "Take passenger messages in", MaxBodyBytes: maxUpload}
	huma.Register(h, op, func(ctx context.Context, in *uploadForm) (*body[List[ImportResult]], error) {
		out, err := a.importFiles(ctx, in)
		if err != nil {
			return nil, a.problem(op.OperationID, err)
		}
		return &body[List[ImportResult]]{List[ImportResult]{Items: out}}, nil
	})
	register(a, h, "GET", "/imports", "listImports", "Messages taken in lately", func(ctx context.Context, in *Paging) (*body[List[ImportRow]], error) {
		return answer(a.importList(ctx, in))
	})
}

func (a *API) importFiles(ctx context.Context, in *uploadForm) ([]ImportResult, error) {
	if _, err := a.purposed(ctx, access.Import, access.Passenger); err != nil {
		return nil, err
	}
	files, err := uploaded(in.RawBody)
	if err != nil {
		return nil, err
	}
	out := []ImportResult{}
	for _, f := range files {
		res, err := TakeIn(ctx, a.Passengers, f.name, f.data)
		if err != nil {
			return nil, err
		}
		out = append(out, res)
	}
	// The carrier may forget what we answered for: it must be on the disk, not only in the log of the database.
	return out, a.Sync(ctx)
}

// TakeIn reads a file of messages and stores them, message by message. What cannot be read is said in the result; an
// error is the store's.
func TakeIn(ctx context.Context, room *passenger.Room, name string, data []byte) (ImportResult, error) {
	sum := sha256.Sum256(data)
	file := passenger.File{Name: name, Hash: hex.EncodeToString(sum[:])}
	res := ImportResult{File: name, Kind: "passenger", Voyages: []string{}, Problems: []passenger.Problem{}}
	var failed error
	err := paxlst.Scan(bytes.NewReader(data), name, func(m paxlst.Message) error {
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
	if err != nil {
		res.Error = err.Error()
		if res.Messages == 0 {
			res.Kind = "unknown"
		}
	}
	return res, nil
}

func (a *API) importList(ctx context.Context, in *Paging) (List[ImportRow], error) {
	out := List[ImportRow]{Items: []ImportRow{}}
	err := a.look(ctx, record.Act{Action: "list", Topic: access.Passenger}, func(tx record.Tx) ([]record.ID, error) {
		rows, next, err := latest(tx, in)
		out.Next = next
		for _, row := range rows {
			v, ok := row.Record.Body.(*passenger.Voyage)
			if !ok {
				continue
			}
			for _, s := range slices.Backward(v.Sources) {
				out.Items = append(out.Items, ImportRow{row.ID.String(), v.Label() + " " + v.From + "-" + v.To, s.File, s.Received, s.Persons, len(v.Problems)})
			}
		}
		slices.SortStableFunc(out.Items, func(x, y ImportRow) int { return y.At.Compare(x.At) })
		return idsOf(rows), err
	})
	return out, err
}

// latest gives the voyages that were stored last.
func latest(tx record.Reader, in *Paging) ([]record.Row, string, error) {
	page, err := tx.List(record.Query{Kinds: []string{passenger.KindVoyage}, Full: true, Cursor: in.Cursor, Limit: in.Limit})
	return page.Rows, page.Next, err
}
