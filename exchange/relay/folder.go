package relay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sarhad/record"
)

const (
	envelopeSuffix = ".envelope"
	indexPrefix    = "index-"

	maxEnvelope = 2 << 20 // bytes of a file that is read from a folder

	// MaxIndex bounds the index in a folder, in bytes; it is the longest file there.
	MaxIndex = maxEnvelope * 16
)

// Accept takes in one envelope that came another way than through the bearer: from a twin on the same network. nil means that it
// is on the disk here, and the twin may stop; what it is worth the signed receipt says. What cannot be read is kept and is
// an Invalid error; Unavailable means try later.
func (r *Relay) Accept(ctx context.Context, wire []byte) (err error) {
	defer record.Wrap(&err, "relay.Accept")
	ctx = record.WithActor(ctx, record.Machine("relay", ""))
	a, problem := r.open(ctx, wire)
	_, err = r.accept(ctx, wire, a, problem)
	return err
}

// accept takes in an envelope that was opened, or could not be. It tells whether the message was new; what serves the relay
// itself never is.
func (r *Relay) accept(ctx context.Context, wire []byte, a record.Arrival, problem error) (fresh bool, err error) {
	if record.KindOf(problem) == record.Unavailable {
		return false, problem
	}
	known := 0
	err = r.view(ctx, func(tx record.Tx) error {
		from := a.From
		if problem != nil {
			from = ""
		}
		list, err := tx.Arrivals(record.ArrivalQuery{From: from, ID: a.ID, Limit: 1})
		known = len(list)
		return err
	})
	if err != nil {
		return false, err
	}
	if err := r.storeAll(ctx, []opened{{a, wire, nil}}); err != nil {
		return false, err
	}
	if problem != nil {
		return known == 0, &record.Error{Kind: record.Invalid, Message: "the envelope cannot be read and is kept for somebody to look at: " + record.MessageOf(problem), Err: problem}
	}
	return known == 0 && !IsService(a.Kind), nil
}

// Offer hands every envelope that waits for a peer to put, which carries it to the twin itself; the most urgent first. A message
// stays in the outbox until the signed receipt comes, whichever way; until then it goes through the hub too, and who gets it
// twice knows it. It gives how many the twin took.
func (r *Relay) Offer(ctx context.Context, to string, put func(ctx context.Context, wire []byte) error) (n int, err error) {
	defer record.Wrap(&err, "relay.Offer(%s)", to)
	ctx = record.WithActor(ctx, record.Machine("relay", ""))
	err = r.eachWaiting(ctx, to, func(d record.Dispatch) error {
		if err := put(ctx, d.Wire); err != nil {
			return err
		}
		n++
		return nil
	})
	return n, err
}

// eachWaiting meets what is sealed for a peer ("" = all) and not delivered, and service messages that did not go yet.
func (r *Relay) eachWaiting(ctx context.Context, to string, meet func(record.Dispatch) error) error {
	for _, l := range record.Lanes {
		r.sealLane(ctx, r.lanes[l])
	}
	names := []string{to}
	if to == "" {
		if err := r.view(ctx, func(tx record.Tx) (err error) {
			names, err = tx.PeerNames()
			return err
		}); err != nil {
			return err
		}
	}
	for _, l := range record.Lanes {
		for _, name := range names {
			for _, st := range []record.DispatchState{record.DispatchSealed, record.DispatchAccepted} {
				if err := r.eachIn(ctx, record.DispatchQuery{To: name, Lane: l, State: st, Service: true, Full: true, Limit: batch}, meet); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *Relay) eachIn(ctx context.Context, q record.DispatchQuery, meet func(record.Dispatch) error) error {
	for {
		var list []record.Dispatch
		err := r.view(ctx, func(tx record.Tx) (err error) {
			list, err = tx.Dispatches(q)
			return err
		})
		if err != nil || len(list) == 0 {
			return err
		}
		for _, d := range list {
			q.After = d.Number
			if d.Wire == nil {
				continue
			}
			if err := meet(d); err != nil {
				return err
			}
		}
	}
}

// folderIndex stands beside the envelopes in a folder. It is written last: a folder without it was not copied to its end.
type folderIndex struct {
	From  string       `json:"from"`
	Made  time.Time    `json:"made"`
	Count int          `json:"count"`
	Files []folderFile `json:"files"`
}

type folderFile struct {
	Name string `json:"name"`
	Size int    `json:"size"` // bytes
	Hash string `json:"hash"` // SHA-256, hexadecimal
}

// Exported is what Export wrote.
type Exported struct {
	Dir   string
	Count int   // envelopes
	Bytes int64 // of them
}

// Export writes every envelope that waits for a peer ("" = all peers) into a folder, to be carried by hand. Nothing of the outbox
// changes: what the signed receipts say counts, and the same may go through the hub as well. Exporting twice into one folder
// leaves one copy.
func (r *Relay) Export(ctx context.Context, dir, to string) (out Exported, err error) {
	defer record.Wrap(&err, "relay.Export")
	ctx = record.WithActor(ctx, record.Machine("relay", ""))
	out.Dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return out, folderError(dir, err)
	}
	if _, err := r.payReceipts(ctx); err != nil {
		return out, err
	}
	ix := folderIndex{From: r.cfg.Node, Made: r.cfg.Now().UTC().Truncate(time.Second)}
	err = r.eachWaiting(ctx, to, func(d record.Dispatch) error {
		hash := sha256.Sum256(d.Wire)
		f := folderFile{d.ID.String() + envelopeSuffix, len(d.Wire), hex.EncodeToString(hash[:])}
		if err := writeWhole(filepath.Join(dir, f.Name), d.Wire); err != nil {
			return folderError(dir, err)
		}
		ix.Files = append(ix.Files, f)
		out.Count, out.Bytes = out.Count+1, out.Bytes+int64(len(d.Wire))
		return nil
	})
	if err != nil {
		return out, err
	}
	ix.Count = len(ix.Files)
	text, err := json.MarshalIndent(ix, "", "  ")
	if err != nil {
		return out, err
	}
	return out, folderError(dir, writeWhole(filepath.Join(dir, indexPrefix+r.cfg.Node+".json"), text))
}

func folderError(dir string, err error) error {
	if err == nil {
		return nil
	}
	return &record.Error{Kind: record.Unavailable, Message: "the folder " + dir + " cannot be written: is the stick full, write-protected or pulled out?", Err: err}
}

// writeWhole writes a file that is whole or not there. It is on the medium when this returns.
func writeWhole(path string, data []byte) (err error) {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Imported is what Import found. Files = New + Known + Service + Others + Unreadable + len(Damaged).
type Imported struct {
	Files      int      // envelopes in the folder, those that only an index names included
	New        int      // messages that were not here
	Known      int      // that were here already
	Service    int      // receipts and the like
	Others     int      // for other nodes
	Unreadable int      // kept for somebody to look at
	Damaged    []string // cut off, changed or missing, by name, as the indexes say; nothing of them was taken
	Unlisted   int      // of the files: in no index, which is so when the copying was broken off
	Indexes    int      // folders that were exported whole into this one
}

// Import takes in the envelopes of a folder. What is there twice, or came through the hub, changes nothing. A file that
// was copied in part is told and left; the folder itself is not changed.
func (r *Relay) Import(ctx context.Context, dir string) (out Imported, err error) {
	defer record.Wrap(&err, "relay.Import")
	ctx = record.WithActor(ctx, record.Machine("relay", ""))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return out, &record.Error{Kind: record.Invalid, Message: "the folder " + dir + " cannot be read: is it the one that was exported, and is the stick plugged in?", Err: err}
	}
	listed, names := map[string]folderFile{}, map[string]bool{}
	for _, e := range entries {
		switch name := e.Name(); {
		case strings.HasPrefix(name, indexPrefix) && strings.HasSuffix(name, ".json"):
			ix, err := readIndex(filepath.Join(dir, name))
			if err != nil {
				out.Damaged, out.Files = append(out.Damaged, name), out.Files+1
				continue
			}
			out.Indexes++
			for _, f := range ix.Files {
				listed[f.Name], names[f.Name] = f, true
			}
		case strings.HasSuffix(name, envelopeSuffix) && e.Type().IsRegular():
			names[name] = true
		}
	}
	var order []string
	for n := range names {
		order = append(order, n)
	}
	slices.Sort(order)
	for _, name := range order {
		out.Files++
		if err := r.importOne(ctx, dir, name, listed, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func readIndex(path string) (ix folderIndex, err error) {
	text, err := readBounded(path)
	if err != nil {
		return ix, err
	}
	if err := json.Unmarshal(text, &ix); err != nil {
		return ix, err
	}
	if ix.Count != len(ix.Files) {
		return ix, errors.New("the index does not count its files rightly")
	}
	return ix, nil
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > MaxIndex {
		return nil, fs.ErrInvalid
	}
	return os.ReadFile(path)
}

func (r *Relay) importOne(ctx context.Context, dir, name string, listed map[string]folderFile, out *Imported) error {
	f, known := listed[name]
	if !known {
		out.Unlisted++
	}
	if filepath.Base(name) != name {
		out.Damaged = append(out.Damaged, name)
		return nil
	}
	wire, err := readBounded(filepath.Join(dir, name))
	hash := sha256.Sum256(wire)
	if err != nil || len(wire) == 0 || len(wire) > maxEnvelope || known && (len(wire) != f.Size || hex.EncodeToString(hash[:]) != f.Hash) {
		out.Damaged = append(out.Damaged, name)
		return nil
	}
	if r.cfg.Addressee != nil {
		to, err := r.cfg.Addressee(wire)
		if err != nil {
			out.Damaged = append(out.Damaged, name)
			return nil
		}
		if to != r.cfg.Node {
			out.Others++
			return nil
		}
	}
	a, problem := r.open(ctx, wire)
	if problem == nil && IsService(a.Kind) {
		out.Service++
		_, err := r.accept(ctx, wire, a, nil)
		return err
	}
	fresh, err := r.accept(ctx, wire, a, problem)
	switch {
	case problem != nil && record.KindOf(err) == record.Invalid:
		out.Unreadable++
		return nil
	case err != nil:
		return err
	case fresh:
		out.New++
	default:
		out.Known++
	}
	return nil
}
