package intake_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sarhad/format/paxlst"
	"sarhad/internal/quarantine"
	"sarhad/record"
	"sarhad/screening/watchlist"
	"sarhad/synth"
	"sarhad/web/intake"
)

func TestMain(m *testing.M) {
	quarantine.Main(os.Args, intake.Kinds())
	os.Exit(m.Run())
}

func region(t *testing.T) *synth.Region {
	t.Helper()
	r, err := synth.New(synth.Config{Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Seed: 7, FlightsPerDay: 6, HistoryDays: -1, Known: 3, LookAlikes: 3, National: 60, UN: 20, OFAC: 30})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestMessagesAsInThisProcess proves that a file read in quarantine says the same as one read here: every person, every
// segment, in order.
func TestMessagesAsInThisProcess(t *testing.T) {
	var all bytes.Buffer
	for _, m := range region(t).Messages() {
		all.Write(m.Body)
	}
	want, err := paxlst.Parse(bytes.NewReader(all.Bytes()), "night.edi")
	if err != nil || len(want) == 0 {
		t.Fatal(len(want), err)
	}
	var got []paxlst.Message
	err = intake.Reader{}.Messages(t.Context(), "night.edi", all.Bytes(), func(m paxlst.Message) error {
		got = append(got, m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
}

// TestListsAsInThisProcess proves it for lists: the same hash, so that the next import is a delta of nothing.
func TestListsAsInThisProcess(t *testing.T) {
	var here []watchlist.File
	var there []intake.File
	for name, body := range region(t).ListFiles() {
		here = append(here, watchlist.File{Name: name, Data: bytes.NewReader(body)})
		there = append(there, intake.File{Name: name, Data: bytes.NewReader(body)})
	}
	want, err := watchlist.Parse(here...)
	if err != nil || len(want) == 0 {
		t.Fatal(len(want), err)
	}
	got, err := intake.Reader{}.Publications(t.Context(), there...)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	for i := range got {
		if got[i].Hash() != want[i].Hash() {
			t.Errorf("%s has another hash", got[i].List)
		}
	}
}

// TestUnreadable proves that a parser's own sentence comes through, for messages with those before it.
func TestUnreadable(t *testing.T) {
	var own *intake.Unreadable
	err := intake.Reader{}.Messages(t.Context(), "letter.edi", []byte("Dear Sir"), func(paxlst.Message) error { return nil })
	_, want := paxlst.Parse(strings.NewReader("Dear Sir"), "letter.edi")
	if !errors.As(err, &own) || err.Error() != want.Error() {
		t.Errorf("got %v, not %v", err, want)
	}
	_, err = intake.Reader{}.Publications(t.Context(), intake.File{Name: "a.bin", Data: strings.NewReader("x")})
	_, want = watchlist.Parse(watchlist.File{Name: "a.bin", Data: strings.NewReader("x")})
	if record.KindOf(err) != record.Invalid || record.MessageOf(err) != record.MessageOf(want) {
		t.Errorf("got %v, not %v", err, want)
	}
}

// TestNothingHalf proves that of a file which breaks its limits no message is handed over, not even of its good beginning.
func TestNothingHalf(t *testing.T) {
	var all bytes.Buffer
	for _, m := range region(t).Messages() {
		all.Write(m.Body)
	}
	r := intake.Reader{Cell: quarantine.Cell{Limits: quarantine.Limits{Output: 300 << 10}}}
	err := r.Messages(t.Context(), "night.edi", all.Bytes(), func(paxlst.Message) error {
		t.Error("a message came")
		return nil
	})
	if quarantine.ReasonOf(err) != quarantine.TooMuch || !strings.HasPrefix(record.MessageOf(err), "night.edi was not taken in, nor any part of it") {
		t.Errorf("got %v", err)
	}
}

// TestSinkError proves that an error of the store comes back as it is, and ends the reading.
func TestSinkError(t *testing.T) {
	full := errors.New("disk full")
	n := 0
	err := intake.Reader{}.Messages(t.Context(), "a.edi", region(t).Messages()[0].Body, func(paxlst.Message) error { n++; return full })
	if err != full || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
}
