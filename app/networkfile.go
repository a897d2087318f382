package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"sarhad/exchange/envelope"
	"sarhad/exchange/relay"
	"sarhad/record"
	"sarhad/record/attach"
)

const (
	// fileKind is the kind of a file of a shared record on its way.
	fileKind = "shared-file"
	// outgoingDir is where files lie, encrypted, until their addressees have them.
	outgoingDir = "outgoing"
	sealedEnd   = ".sealed"
)

// files sends attachments of shared records and takes those of others in. A file is encrypted once for its way to a node; its key
// goes along with its pieces, which only that node can open.
type files struct {
	a  *App
	mu sync.Mutex
	at map[record.ID]*readFile // that came and are read outside of acts
}

// readFile is a received file on its way through the quarantine.
type readFile struct {
	done   bool
	err    error
	upload record.ID
	user   string
	a      record.Attachment
}

func (a *App) outgoing(ref string) string { return filepath.Join(a.Config.DataDir, outgoingDir, ref) }

// sendFile implements sharing.Room.SendFile: it encrypts a file beside the vault and queues it, in the act of the edition. What the node
// was sent before, or is being sent, does not go again.
func (a *App) sendFile(tx record.Tx, to string, about record.ID, file record.Attachment, small bool) (ref string, err error) {
	begin := file.ID.String() + map[bool]string{true: "-small-", false: "-whole-"}[small]
	list, err := tx.Freights(record.FreightQuery{Peer: to, Out: true, Closed: true, Limit: record.MaxLimit})
	if err != nil {
		return "", err
	}
	for _, f := range list {
		if strings.HasPrefix(f.Ref, begin) && f.State != record.FreightRefused && f.State != record.FreightRecalled {
			return f.ID.String(), nil
		}
	}
	src, err := a.plain(file, small)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(a.Config.DataDir, outgoingDir), 0o700); err != nil {
		return "", err
	}
	out, err := os.CreateTemp(filepath.Join(a.Config.DataDir, outgoingDir), begin+"*"+sealedEnd)
	if err != nil {
		return "", err
	}
	key, err := envelope.SealFile(out, src)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return "", errors.Join(err, os.Remove(out.Name()))
	}
	f := &record.Freight{Peer: to, Out: true, Kind: fileKind, About: about, Ref: filepath.Base(out.Name()), Meta: key.Marshal(), Size: key.Sealed, Hash: key.Hash}
	if err := tx.Ship(f); err != nil {
		return "", errors.Join(err, os.Remove(out.Name()))
	}
	return f.ID.String(), nil // an act that is undone leaves a file that the sweep removes
}

func (a *App) plain(file record.Attachment, small bool) (io.Reader, error) {
	if small {
		b, err := a.Vault.Small(file)
		return bytes.NewReader(b), err
	}
	return a.Vault.Open(file)
}

// source implements relay.Config.Source.
func (a *App) source(_ context.Context, f record.Freight) (relay.Source, error) {
	if filepath.Base(f.Ref) != f.Ref {
		return nil, record.Errorf(record.NotFound, "the file is named wrongly")
	}
	file, err := os.Open(a.outgoing(f.Ref))
	if errors.Is(err, os.ErrNotExist) {
		return nil, &record.Error{Kind: record.NotFound, Message: "the encrypted copy of the file is gone: share the record again", Err: err}
	}
	return file, err
}

// admit implements relay.Config.Admit.
func (a *App) admit(f record.Freight) error {
	limits, err := vaultLimits(a.Config)
	if err != nil {
		return err
	}
	if f.Kind != fileKind || f.About.IsZero() {
		return record.Errorf(record.Invalid, "this node takes files of shared records only")
	}
	if key, err := envelope.ParseFile(f.Meta); err != nil {
		return err
	} else if key.Sealed != f.Size || key.Hash != f.Hash {
		return record.Errorf(record.Invalid, "the measures of the file are not those of its key")
	} else if key.Size > limits.File {
		return record.Errorf(record.Forbidden, "the file has %d bytes; this node takes %d at most: bring it on a medium", key.Size, limits.File)
	}
	return nil
}

// clearOutgoing removes encrypted files that are on their way to nobody: taken, refused, recalled, or of an act that was undone.
func (n *Network) clearOutgoing(ctx context.Context) error {
	dir := filepath.Join(n.a.Config.DataDir, outgoingDir)
	entries, err := os.ReadDir(dir) // before the rows: what is queued meanwhile is not looked at
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	open := map[string]bool{}
	whole := true
	err = n.a.Store.Update(n.machine(ctx), func(tx record.Tx) error { // no act that queues a file is half way while this one runs
		list, err := tx.Freights(record.FreightQuery{Out: true, Limit: record.MaxLimit})
		whole = len(list) < record.MaxLimit
		for _, f := range list {
			open[f.Ref] = true
		}
		return err
	})
	if err != nil || !whole {
		return err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), sealedEnd) && !open[e.Name()] {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// errReading says that a file is in the quarantine; the relay asks again.
var errReading = record.Errorf(record.Unavailable, "the file is being read in quarantine")

// take implements relay.FileHandler. The quarantine reads a file outside of the act, which would hold up all others: the first time it
// begins, and a later one keeps what came of it.
func (s *files) take(ctx context.Context, tx record.Tx, f record.Freight, path string) error {
	want, small, rec, err := s.a.Sharing.Expected(tx, f.Peer, f.About, f.ID.String())
	if err != nil {
		return err
	}
	s.mu.Lock()
	r := s.at[f.ID]
	if r == nil {
		r = &readFile{user: "node:" + f.Peer}
		s.at[f.ID] = r
		s.a.part(func() {
			err := s.read(context.WithoutCancel(ctx), r, f, want.Name, path)
			s.mu.Lock()
			defer s.mu.Unlock()
			r.done, r.err = true, err
		})
	}
	done, err := r.done, r.err
	s.mu.Unlock()
	if !done {
		return errReading
	}
	if err == nil {
		err = s.a.Sharing.KeepFile(tx, rec, f.Peer, want, small, r.a)
	}
	if err != nil { // it is read anew, unless it is refused for good
		s.forget(ctx, f.ID)
		return err
	}
	return nil
}

func (s *files) forget(ctx context.Context, id record.ID) {
	s.mu.Lock()
	r := s.at[id]
	delete(s.at, id)
	s.mu.Unlock()
	if r != nil && !r.upload.IsZero() {
		if err := s.a.Vault.Cancel(ctx, r.user, r.upload); err != nil {
			s.a.opt.Log.Warn("network: the upload of a received file expires by itself", "id", id, "err", err)
		}
	}
}

// read opens a whole file with its key and takes it in like an upload.
func (s *files) read(ctx context.Context, r *readFile, f record.Freight, name, path string) error {
	key, err := envelope.ParseFile(f.Meta)
	if err != nil {
		return err
	}
	src, err := os.Open(path)
	if err != nil {
		return &record.Error{Kind: record.Unavailable, Message: "the file that came cannot be read", Err: err}
	}
	defer src.Close()
	u, err := s.a.Vault.Begin(ctx, r.user, attach.Begin{Name: name, Size: key.Size})
	if err != nil {
		return &record.Error{Kind: record.Unavailable, Message: "the file finds no room here: " + record.MessageOf(err), Err: err}
	}
	r.upload = u.ID
	in, out := io.Pipe()
	go func() { out.CloseWithError(envelope.OpenFile(out, src, key)) }()
	_, err = s.a.Vault.Append(ctx, r.user, u.ID, 0, in, nil)
	_ = in.Close() // whoever opens ends
	if err != nil {
		return err
	}
	r.a, err = s.a.Vault.Finish(ctx, r.user, u.ID, attach.Choice{Keep: true, Reason: "received"})
	return err
}

// toldFile removes the encrypted copy of a file that its addressee took or refused.
func (n *Network) toldFile(f record.Freight) {
	if filepath.Base(f.Ref) != f.Ref {
		return
	}
	if err := os.Remove(n.a.outgoing(f.Ref)); err != nil && !errors.Is(err, os.ErrNotExist) {
		n.a.opt.Log.Warn("network: the encrypted copy of a file is left until the next sweep", "id", f.ID, "err", err)
	}
}
