package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"sarhad/format/paxlst"
	"sarhad/internal/quarantine"
	"sarhad/record"
	"sarhad/screening/watchlist"
)

const (
	kindPassenger = "passenger"
	kindWatchlist = "watchlist"
)

// Kinds are the parsers that the child process knows; quarantine.Main takes them.
func Kinds() quarantine.Kinds {
	return quarantine.Kinds{kindPassenger: parsePassenger, kindWatchlist: parseWatchlist}
}

// passengerLine is a line of a file of messages: a message, or what is wrong with the file.
type passengerLine struct {
	Message *paxlst.Whole `json:"message,omitempty"`
	Error   string        `json:"error,omitempty"`
}

func parsePassenger(in io.Reader, out *quarantine.Out) error {
	f, err := frames{bufio.NewReaderSize(in, chunk)}.next()
	if err != nil {
		return err
	}
	var lost error
	err = paxlst.Scan(f.Data, f.Name, func(m paxlst.Message) error {
		lost = out.Line(passengerLine{Message: &paxlst.Whole{Message: m}})
		return lost
	})
	if lost != nil || err == nil {
		return lost
	}
	return out.Line(passengerLine{Error: err.Error()})
}

// watchlistLine is a line of a file of lists: a publication without its entries, each of which follows, or what is wrong.
type watchlistLine struct {
	Publication *watchlist.Publication `json:"publication,omitempty"`
	Entry       *watchlist.Entry       `json:"entry,omitempty"`
	Error       *saidError             `json:"error,omitempty"`
}

// saidError is a record.Error without what is not for people.
type saidError struct {
	Kind    record.ErrorKind `json:"kind"`
	Message string           `json:"message"`
}

func parseWatchlist(in io.Reader, out *quarantine.Out) error {
	all := frames{bufio.NewReaderSize(in, chunk)}
	var files []watchlist.File
	for {
		f, err := all.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		data, err := io.ReadAll(f.Data) // the files of one list are read together; memory is limited
		if err != nil {
			return err
		}
		files = append(files, watchlist.File{Name: f.Name, Data: bytes.NewReader(data)})
	}
	lists, err := watchlist.Parse(files...)
	var person *record.Error
	if errors.As(err, &person) {
		return out.Line(watchlistLine{Error: &saidError{person.Kind, person.Message}})
	}
	if err != nil {
		return err
	}
	for _, p := range lists {
		bare := *p
		bare.Entries = nil
		if err := out.Line(watchlistLine{Publication: &bare}); err != nil {
			return err
		}
		for _, e := range p.Entries {
			if err := out.Line(watchlistLine{Entry: e}); err != nil {
				return err
			}
		}
	}
	return nil
}
