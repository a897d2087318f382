package transfer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"sarhad/record"
)

const (
	// BatchLines and batchBytes bound one act: far below 50 ms on the slowest disk measured.
	BatchLines = 40
	batchBytes = 256 << 10

	// maxProblems bounds what is told of one file; the count goes on.
	maxProblems = 1000
)

// Source says what is imported and where. Node is required.
type Source struct {
	File string // its name, for records kept aside
	Node string // this node
	Own  bool   // the node takes its own data back: revisions may name it as their writer
}

// Problem is a line that was not stored, and why.
type Problem struct {
	Line int    `json:"line"` // from 1
	Text string `json:"text"` // one sentence
}

// Result is what became of a file. Lines = New + Revised + Earlier + Unchanged + Aside + Refused.
type Result struct {
	File      string    `json:"file"`
	Kind      string    `json:"kind"` // "records"
	Lines     int       `json:"lines"`
	New       int       `json:"new"`
	Revised   int       `json:"revised"`   // replaced the present revision
	Earlier   int       `json:"earlier"`   // revisions from before those stored
	Unchanged int       `json:"unchanged"` // stored already
	Aside     int       `json:"aside"`     // do not follow what is stored, kept beside it
	Placed    int       `json:"placed"`    // kept aside before, stored now
	Refused   int       `json:"refused"`
	Problems  []Problem `json:"problems"` // at most 1000
}

// IsRecords reports whether a file that begins so holds records.
func IsRecords(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte(`{"sarhad":"record/`))
}

// Import stores the revisions of a file. What is wrong with a line is told and costs nothing but that line; an error is the
// store's, and what was stored before it stays. The context needs an actor.
func Import(ctx context.Context, store record.Store, src Source, r io.Reader) (res Result, err error) {
	defer record.Wrap(&err, "transfer.Import")
	in := &intake{store: store, src: src, res: Result{File: src.File, Kind: "records", Problems: []Problem{}}}
	err = in.run(ctx, r)
	return in.res, err
}

// intake is one file on its way in.
type intake struct {
	store record.Store
	src   Source
	res   Result
	batch []arrived
	bytes int
}

// arrived is a line that could be read.
type arrived struct {
	line int
	rec  *record.Record
}

func (in *intake) run(ctx context.Context, r io.Reader) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		line, tooLong, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if line = bytes.TrimSpace(line); len(line) > 0 || tooLong {
			in.res.Lines++
			rec, bad := (*record.Record)(nil), error(nil)
			if tooLong {
				bad = record.Errorf(record.Invalid, "the line is longer than %d bytes; no record is", record.MaxWire)
			} else {
				rec, bad = record.ReadWire(line)
			}
			if bad != nil {
				in.problem(n, bad)
			} else {
				in.batch, in.bytes = append(in.batch, arrived{n, rec}), in.bytes+len(line)
			}
		}
		ended := err != nil
		if len(in.batch) >= BatchLines || in.bytes >= batchBytes || ended && len(in.batch) > 0 {
			if err := in.flush(ctx); err != nil {
				return err
			}
		}
		if ended {
			return nil
		}
	}
}

// readLine reads to the next line break; of a line that is too long it gives nothing, and goes behind it.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if !tooLong {
			if line = append(line, part...); len(line) > record.MaxWire+2 {
				line, tooLong = nil, true
			}
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

func (in *intake) problem(line int, err error) {
	in.res.Refused++
	if len(in.res.Problems) < maxProblems {
		in.res.Problems = append(in.res.Problems, Problem{line, record.MessageOf(err)})
	}
}

// refused reports an error that is about the line and not about the store.
func refused(err error) bool {
	switch record.KindOf(err) {
	case record.Invalid, record.Forbidden, record.Conflict, record.NotFound:
		return true
	}
	return false
}

// flush stores the batch in one act; when the act fails as a whole, line by line, so that one bad line takes no other along.
func (in *intake) flush(ctx context.Context) error {
	batch := in.batch
	in.batch, in.bytes = nil, 0
	err := in.act(ctx, batch)
	if err == nil || record.KindOf(err) == record.Unavailable || ctx.Err() != nil {
		return err
	}
	for _, one := range batch {
		err := in.act(ctx, []arrived{one})
		if err != nil && (record.KindOf(err) == record.Unavailable || ctx.Err() != nil) {
			return err
		}
		if err != nil {
			in.problem(one.line, err)
		}
	}
	return nil
}

// act stores some lines as one act.
func (in *intake) act(ctx context.Context, batch []arrived) error {
	var done Result
	var bad map[int]error
	err := in.store.Bulk(ctx, func(tx record.Tx) error {
		done, bad = Result{}, map[int]error{}
		var touched []record.ID
		for _, a := range batch {
			rec := *a.rec
			err := in.one(tx, &rec, &done)
			if refused(err) {
				bad[a.line] = err
				continue
			}
			if err != nil {
				return err
			}
			touched = append(touched, rec.ID)
		}
		if done.New+done.Revised+done.Earlier+done.Aside+done.Placed == 0 {
			return nil // known already: nothing was done
		}
		return tx.Audit(record.Act{Action: "import", Count: len(touched), IDs: record.HashIDs(touched)})
	})
	if err != nil {
		return err
	}
	for _, a := range batch {
		if err := bad[a.line]; err != nil {
			in.problem(a.line, err)
		}
	}
	in.res.New, in.res.Revised, in.res.Earlier = in.res.New+done.New, in.res.Revised+done.Revised, in.res.Earlier+done.Earlier
	in.res.Unchanged, in.res.Aside, in.res.Placed = in.res.Unchanged+done.Unchanged, in.res.Aside+done.Aside, in.res.Placed+done.Placed
	return nil
}

func (in *intake) one(tx record.Tx, rec *record.Record, done *Result) error {
	out, placed, err := in.take(tx, rec)
	if err != nil {
		return err
	}
	switch {
	case out == record.ReceivedSame:
		done.Unchanged++
	case out.Aside():
		done.Aside++
	case out == record.ReceivedNew:
		done.New++
	case out == record.ReceivedNext:
		done.Revised++
	case out == record.ReceivedEarlier:
		done.Earlier++
	}
	done.Placed += placed
	return nil
}

// take stores one revision, or keeps it aside, and places what waited for it.
func (in *intake) take(tx record.Tx, rec *record.Record) (out record.Reception, placed int, err error) {
	if out, err = tx.Receive(rec, in.src.Own); err != nil || out == record.ReceivedSame {
		return out, 0, err
	}
	if out.Aside() {
		return out, 0, in.keepAside(tx, rec, out)
	}
	ids := []record.ID{rec.ID}
	if b, ok := rec.Body.(record.HandoverBody); ok { // what its new writer said may have waited for it
		h, _ := b.Handover()
		ids = append(ids, h.Target)
	}
	for _, id := range ids {
		n, err := in.placeAside(tx, id)
		if err != nil {
			return out, placed, err
		}
		placed += n
	}
	return out, placed, nil
}
