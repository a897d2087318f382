package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sarhad/format/paxlst"
	"sarhad/record"
	"sarhad/screening/watchlist"
)

// keep is how much of a file of messages, read, is held until its end is known. A night of a busy airport is 10 MB; what is
// larger is read twice, first for its end alone.
const keep = 64 << 20

// Messages reads a file of passenger messages and calls each for every message, in order, after the file was read to its
// end once. Errors: a sentence in a *Unreadable, when the parser could not go on (each has been called for the messages
// before); the error of each or of the context, as it is; a *record.Error of package quarantine, when the parser was
// ended: then each was never called.
func (r Reader) Messages(ctx context.Context, name string, data []byte, each func(paxlst.Message) error) error {
	var lines [][]byte
	size := 0
	err := r.Cell.Run(ctx, kindPassenger, name, &framed{files: []File{{name, bytes.NewReader(data)}}}, func(line []byte) error {
		if size += len(line); size <= keep {
			lines = append(lines, bytes.Clone(line))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if size > keep {
		lines = nil
		return r.Cell.Run(ctx, kindPassenger, name, &framed{files: []File{{name, bytes.NewReader(data)}}}, func(line []byte) error { return message(name, line, each) })
	}
	for i, line := range lines {
		if err := message(name, line, each); err != nil {
			return err
		}
		lines[i] = nil
	}
	return nil
}

// Unreadable says where and why the parser of a file could not go on.
type Unreadable struct{ Sentence string }

// Error implements error.
func (u *Unreadable) Error() string { return u.Sentence }

func message(name string, line []byte, each func(paxlst.Message) error) error {
	var l passengerLine
	if err := json.Unmarshal(line, &l); err != nil {
		return garbled(name, err)
	}
	switch {
	case l.Error != "":
		return &Unreadable{l.Error}
	case l.Message == nil:
		return garbled(name, errors.New("a line without a message"))
	}
	l.Message.Message.File = name
	return each(l.Message.Message)
}

// garbled: the child said what no parser of ours says.
func garbled(name string, err error) error {
	return &record.Error{Kind: record.Invalid, Err: fmt.Errorf("intake: %w", err),
		Message: fmt.Sprintf("%s was not taken in: what its reader made of it makes no sense. Keep the file as it is and tell your administrator.", name)}
}

// Publications reads files of lists, as watchlist.Parse does: all of them, or an error and none.
func (r Reader) Publications(ctx context.Context, files ...File) ([]*watchlist.Publication, error) {
	if len(files) == 0 {
		return watchlist.Parse()
	}
	sums := map[string]hash.Hash{}
	names := make([]string, len(files))
	sent := make([]File, len(files))
	for i, f := range files {
		h := sha256.New()
		if names[i] = f.Name; sums[f.Name] == nil {
			sums[f.Name] = h
		}
		sent[i] = File{f.Name, io.TeeReader(f.Data, h)}
	}
	var out []*watchlist.Publication
	err := r.Cell.Run(ctx, kindWatchlist, strings.Join(names, ", "), &framed{files: sent}, func(line []byte) error {
		var l watchlistLine
		if err := json.Unmarshal(line, &l); err != nil {
			return garbled(strings.Join(names, ", "), err)
		}
		return take(&out, l, strings.Join(names, ", "))
	})
	if err != nil {
		return nil, err
	}
	for _, p := range out {
		if len(p.Files) == 0 || sums[p.Files[0]] == nil {
			return nil, garbled(strings.Join(names, ", "), errors.New("a list of no file"))
		}
		p.FileHash = hex.EncodeToString(sums[p.Files[0]].Sum(nil))
	}
	return out, nil
}

// take adds a line to the lists read so far.
func take(out *[]*watchlist.Publication, l watchlistLine, names string) error {
	switch {
	case l.Error != nil:
		return &record.Error{Kind: l.Error.Kind, Message: l.Error.Message}
	case l.Publication != nil:
		*out = append(*out, l.Publication)
		return nil
	case l.Entry == nil || len(*out) == 0:
		return garbled(names, errors.New("a line without a list"))
	}
	p := (*out)[len(*out)-1]
	if l.Entry.List != p.List { // an entry of another list would overwrite it
		return garbled(names, errors.New("an entry of another list"))
	}
	l.Entry.Seal()
	p.Entries = append(p.Entries, l.Entry)
	return nil
}

// Open reads files of lists by their paths, which open opens.
func (r Reader) Open(ctx context.Context, open func(path string) (io.ReadCloser, error), paths ...string) ([]*watchlist.Publication, error) {
	files := make([]File, len(paths))
	for i, path := range paths {
		f, err := open(path)
		if err != nil {
			var p *os.PathError
			if errors.As(err, &p) {
				err = p.Err
			}
			return nil, record.Errorf(record.Invalid, "%s: the file cannot be opened (%s); check the path and the rights to it.", path, err)
		}
		defer f.Close()
		files[i] = File{Name: filepath.Base(path), Data: f}
	}
	return r.Publications(ctx, files...)
}
