package evidence

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/attach"
	"sarhad/record/vocab"
)

// Files is where uploads wait for a record that names them.
type Files interface {
	// Finish makes an attachment of a complete upload; its chunks are held until Release.
	Finish(ctx context.Context, user string, upload record.ID, c attach.Choice) (record.Attachment, error)
	// Release ends an upload whose attachment a record names now.
	Release(ctx context.Context, user string, upload record.ID) error
}

// Room makes and erases exhibits. All fields are required.
type Room struct {
	Store record.Store
	Files Files
	Node  string
	Now   func() time.Time
	Rand  io.Reader
	Log   *slog.Logger
}

// New is an exhibit to be made. ID and Proves of the body are filled in.
type New struct {
	Exhibit Exhibit
	Parents []record.ID // what it proves
	Files   []File      // at least one
}

// File is an upload that becomes part of an exhibit.
type File struct {
	Upload record.ID
	Choice attach.Choice
}

// Create makes an exhibit of complete uploads of the actor. The same first upload again gives the exhibit that it made.
func (r *Room) Create(ctx context.Context, n New) (rec *record.Record, err error) {
	defer record.Wrap(&err, "evidence.Create")
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	// Whoever may not make it learns nothing else, and no file is touched.
	if err := r.Store.View(ctx, func(tx record.Tx) error { _, err := r.envelope(tx, actor, n); return err }); err != nil {
		return nil, err
	}
	if err := r.check(&n); err != nil {
		return nil, err
	}
	key := n.Files[0].Upload.String()
	if rec, err := r.made(ctx, key); rec != nil || err != nil {
		return rec, err
	}
	var files []record.Attachment
	for _, f := range n.Files {
		a, err := r.Files.Finish(ctx, actor.User, f.Upload, f.Choice)
		if record.KindOf(err) == record.NotFound {
			return nil, record.Errorf(record.Invalid, "one of the files is not on its way any more: remove it and send it again")
		}
		if err != nil {
			return nil, err
		}
		files = append(files, a)
	}
	err = r.Store.Update(ctx, func(tx record.Tx) error {
		if rec, err = r.envelope(tx, actor, n); err != nil {
			return err
		}
		rec.Key, rec.Attachments = key, files
		if err := tx.Put(rec); err != nil {
			return err
		}
		return audited(tx, rec)
	})
	if err != nil {
		return nil, err
	}
	for _, f := range n.Files {
		if err := r.Files.Release(ctx, actor.User, f.Upload); err != nil { // it expires by itself
			r.Log.Error("evidence: an upload could not be released", "upload", f.Upload, "err", err)
		}
	}
	return rec, nil
}

// audited says what was made, and apart from it that files still tell where they were made.
func audited(tx record.Tx, rec *record.Record) error {
	if err := tx.Audit(record.Act{Action: "create", Topic: access.Evidence, Subject: rec.ID, Count: len(rec.Attachments)}); err != nil {
		return err
	}
	for _, a := range rec.Attachments {
		if a.Kept == nil {
			continue
		}
		if err := tx.Audit(record.Act{Action: "keep-location", Topic: access.Evidence, Subject: rec.ID, Count: 1, Reason: a.Kept.Reason}); err != nil {
			return err
		}
	}
	return nil
}

// check refuses what cannot become an exhibit before a file is touched.
func (r *Room) check(n *New) error {
	if len(n.Files) == 0 {
		return record.Errorf(record.Invalid, "an exhibit needs a file: add a photograph, a document or a recording")
	}
	if len(n.Files) > record.MaxAttachments {
		return record.Errorf(record.Invalid, "%d files are too many for one exhibit; %d is the most: make two of it", len(n.Files), record.MaxAttachments)
	}
	seen := map[record.ID]bool{}
	for i := range n.Files {
		f := &n.Files[i]
		if seen[f.Upload] {
			return record.Errorf(record.Invalid, "one file stands twice in the exhibit")
		}
		seen[f.Upload] = true
		if !f.Choice.Keep {
			f.Choice = attach.Choice{}
			continue
		}
		t, ok := vocab.Lookup(vocab.LocationReasons, f.Choice.Reason)
		if !ok {
			return record.Errorf(record.Invalid, "say why place and device stay in the file: choose a reason")
		}
		f.Choice.Reason, f.Choice.Note = t.Code, strings.TrimSpace(f.Choice.Note)
		if t.Text && f.Choice.Note == "" {
			return record.Errorf(record.Invalid, "%q needs a few words of your own", t.En)
		}
	}
	now := r.Now()
	if h := n.Exhibit.Hold; h != nil && !h.Until.IsZero() && !h.Until.After(now) {
		return record.Errorf(record.Invalid, "the hold ends before it begins: choose a later day")
	}
	if n.Exhibit.Taken.After(now.Add(time.Hour)) { // clocks of cameras differ
		return record.Errorf(record.Invalid, "the exhibit cannot have been taken in the future: correct the day")
	}
	return nil
}

// made gives the exhibit that an upload has become; nil when none.
func (r *Room) made(ctx context.Context, key string) (rec *record.Record, err error) {
	err = r.Store.View(ctx, func(tx record.Tx) error {
		rec, err = tx.ByKey(KindExhibit, key)
		return err
	})
	if record.KindOf(err) == record.NotFound {
		return nil, nil
	}
	return rec, err
}

// envelope makes the record: handled as strictly as the strictest of what it proves.
func (r *Room) envelope(tx record.Reader, actor record.Actor, n New) (*record.Record, error) {
	rec := &record.Record{Kind: KindExhibit, Version: 1, Writer: r.Node}
	for i, id := range n.Parents {
		parent, err := tx.Get(id)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			rec.Handling, rec.Owner.Agency = parent.Handling.Join(parent.Handling), parent.Owner.Agency
			rec.Handling.Case, rec.Basis.Case = parent.Handling.Case, parent.Basis.Case
			continue
		}
		if parent.Owner.Agency != rec.Owner.Agency || parent.Handling.Case != rec.Handling.Case {
			return nil, record.Errorf(record.Invalid, "the records it proves belong to different agencies or cases: make an exhibit for each")
		}
		compartment := rec.Handling.Case
		rec.Handling = rec.Handling.Join(parent.Handling)
		rec.Handling.Case = compartment
	}
	body := n.Exhibit
	var err error
	if body.ID, err = record.NewID(r.Now(), r.Rand); err != nil {
		return nil, err
	}
	body.Proves = n.Parents
	rec.ID, rec.Body = body.ID, &body
	rec.Handling.Topic, rec.Owner.Officer = access.Evidence, actor.User
	rec.Basis.Legal, rec.Basis.Purpose = body.Legal, "evidence"
	rec.Origin.Parents, rec.Occurred = n.Parents, body.Taken
	if !access.Allow(actor, access.Create, rec.Scope()) {
		return nil, record.Errorf(record.Forbidden, "your role may not make exhibits for %s; ask your supervisor if your work needs it", rec.Owner.Agency)
	}
	return rec, rec.Validate()
}

// Erase erases an exhibit and its files, for a reason of vocab "exhibit-erasures". A held one stays, and the error says why
// and until when.
func (r *Room) Erase(ctx context.Context, id record.ID, reason string) (err error) {
	defer record.Wrap(&err, "evidence.Erase(%s)", id)
	return r.change(ctx, id, func(tx record.Tx, rec *record.Record, e *Exhibit) error {
		t, ok := vocab.Lookup(vocab.ExhibitErasures, reason)
		if !ok {
			return record.Errorf(record.Invalid, "say why the exhibit is erased: choose a reason")
		}
		if e.Held(r.Now()) {
			until := "until the hold is taken back"
			if !e.Hold.Until.IsZero() {
				until = "until " + e.Hold.Until.UTC().Format("2006-01-02 15:04") + " UTC"
			}
			return record.Errorf(record.Conflict, "the exhibit is held %s, on this basis: %s", until, e.Hold.Basis)
		}
		children, err := tx.Erase(id)
		if err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "erase", Topic: access.Evidence, Subject: id, Count: 1 + len(children), Reason: t.Code})
	})
}

// EndHold takes the hold of an exhibit back.
func (r *Room) EndHold(ctx context.Context, id record.ID) (err error) {
	defer record.Wrap(&err, "evidence.EndHold(%s)", id)
	return r.change(ctx, id, func(tx record.Tx, rec *record.Record, e *Exhibit) error {
		if e.Hold == nil {
			return record.Errorf(record.Conflict, "the exhibit is not held: read it again")
		}
		e.Hold, rec.Raw = nil, nil
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "hold-end", Topic: access.Evidence, Subject: id, Count: 1})
	})
}

// change runs fn on an exhibit that the actor may change.
func (r *Room) change(ctx context.Context, id record.ID, fn func(record.Tx, *record.Record, *Exhibit) error) error {
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return err
	}
	return r.Store.Update(ctx, func(tx record.Tx) error {
		rec, e, err := ExhibitOf(tx, id)
		if err != nil {
			return err
		}
		if !access.Allow(actor, access.Change, rec.Scope()) {
			return record.Errorf(record.Forbidden, "your role may not change exhibits of %s; ask your supervisor", rec.Owner.Agency)
		}
		return fn(tx, rec, e)
	})
}

// ExhibitOf reads an exhibit.
func ExhibitOf(tx record.Reader, id record.ID) (*record.Record, *Exhibit, error) {
	rec, err := tx.Get(id)
	if err != nil {
		return nil, nil, err
	}
	e, ok := rec.Body.(*Exhibit)
	if !ok {
		return nil, nil, record.Errorf(record.NotFound, "there is no exhibit %s here, or you may not read it", id)
	}
	return rec, e, nil
}
