package app

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sarhad/exchange/relay"
	"sarhad/record"
)

const (
	// carryMark is the first entry of a file of envelopes; its text says what the file is to whoever finds it.
	carryMark = "sarhad-envelopes.txt"
	carryText = "Sealed messages of node %s of %s. Take it to the addressees: menu Network, or sarhad relay import.\nNobody but the addressees can read it. Losing it loses nothing: the messages stay in the outbox until a receipt comes.\n"
	// carryDir is where such a file is packed and unpacked, in the staging directory.
	carryDir = "carry"
	// maxCarried bounds the entries of a file; an outbox of a year without a line has fewer.
	maxCarried = 200_000
)

// Carrier is the relay for a command that carries envelopes by hand: of the serving node, or one that only opens and seals.
func (a *App) Carrier(ctx context.Context) (*relay.Relay, error) {
	if a.Network == nil {
		if err := a.makeNetwork(ctx); err != nil {
			return nil, err
		}
		if err := a.Network.loadKeys(); err != nil {
			return nil, err
		}
	}
	return a.Network.Relay, nil
}

// ExportDir writes what waits for a node ("" = all) into a folder; see relay.Export. The act is the actor's of ctx.
func (a *App) ExportDir(ctx context.Context, dir, to string) (relay.Exported, error) {
	r, err := a.Carrier(ctx)
	if err != nil {
		return relay.Exported{}, err
	}
	out, err := r.Export(ctx, dir, to)
	if err != nil {
		return out, err
	}
	return out, a.carried(ctx, "relay-export", out.Count)
}

// ImportDir takes the envelopes of a folder in; see relay.Import.
func (a *App) ImportDir(ctx context.Context, dir string) (relay.Imported, error) {
	r, err := a.Carrier(ctx)
	if err != nil {
		return relay.Imported{}, err
	}
	out, err := r.Import(ctx, dir)
	return out, errors.Join(err, a.carried(ctx, "relay-import", out.New))
}

func (a *App) carried(ctx context.Context, action string, count int) error {
	return a.Store.Update(ctx, func(tx record.Tx) error {
		return tx.Audit(record.Act{Action: action, Topic: "relay", Count: count})
	})
}

// scratch makes a directory that is gone after done.
func (a *App) scratch() (dir string, done func(), err error) {
	parent := filepath.Join(a.Config.DataDir, stagingDir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", nil, err
	}
	dir, err = os.MkdirTemp(parent, carryDir+"-")
	return dir, func() {
		if err := os.RemoveAll(dir); err != nil {
			a.opt.Log.Warn("relay: a directory of envelopes is left in staging", "err", err)
		}
	}, err
}

// ExportFile packs what waits for all nodes into one file (POSIX tar, IEEE 1003.1), marked by its first entry, and writes it to w.
func (a *App) ExportFile(ctx context.Context, w io.Writer) (out relay.Exported, err error) {
	dir, done, err := a.scratch()
	if err != nil {
		return out, err
	}
	defer done()
	if out, err = a.ExportDir(ctx, dir, ""); err != nil {
		return out, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return out, err
	}
	t := tar.NewWriter(w)
	now := a.opt.Now().UTC().Truncate(time.Second)
	put := func(name string, data []byte) error {
		err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), ModTime: now, Format: tar.FormatUSTAR})
		if err == nil {
			_, err = t.Write(data)
		}
		return err
	}
	if err := put(carryMark, fmt.Appendf(nil, carryText, a.Config.Name, now.Format(time.DateTime+" UTC"))); err != nil {
		return out, err
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err == nil {
			err = put(e.Name(), data)
		}
		if err != nil {
			return out, err
		}
	}
	return out, t.Close()
}

// ImportFile takes in the envelopes of a file that ExportFile made. Nothing of a file without the mark is looked at; one that was
// cut off is taken in as far as it goes, and what is missing is told.
func (a *App) ImportFile(ctx context.Context, r io.Reader) (out relay.Imported, err error) {
	dir, done, err := a.scratch()
	if err != nil {
		return out, err
	}
	defer done()
	t := tar.NewReader(r)
	for n := 0; ; n++ {
		h, err := t.Next()
		if n == 0 && (err != nil || h.Name != carryMark) {
			return out, &record.Error{Kind: record.Invalid, Err: err, Message: "this is no file of messages: choose the one that the other office took out, ending in .sarhad"}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil || n > maxCarried {
			return out, &record.Error{Kind: record.Invalid, Err: err, Message: "the file of messages is damaged: take it out anew, and look at the stick"}
		}
		if n == 0 || h.Typeflag != tar.TypeReg || filepath.Base(h.Name) != h.Name || strings.ContainsAny(h.Name, `\:`) || h.Size > relay.MaxIndex {
			continue
		}
		if err := unpack(filepath.Join(dir, h.Name), t); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				break
			}
			return out, err
		}
	}
	return a.ImportDir(ctx, dir)
}

func unpack(path string, r io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &record.Error{Kind: record.Unavailable, Message: "the file of messages could not be unpacked: the disk of this node may be full", Err: err}
	}
	_, err = io.Copy(f, r) // bounded by its header
	return errors.Join(err, f.Close())
}
