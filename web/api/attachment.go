package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/attach"
)

// Vault is where files lie.
type Vault interface {
	Begin(ctx context.Context, user string, b attach.Begin) (attach.Upload, error)
	Append(ctx context.Context, user string, id record.ID, offset int64, body io.Reader, kick func()) (attach.Upload, error)
	State(ctx context.Context, user string, id record.ID) (attach.Upload, error)
	List(user string) []attach.Upload
	Cancel(ctx context.Context, user string, id record.ID) error
	// Open and Small read an attachment; Sums gives its plain checksums.
	Open(a record.Attachment) (io.ReadSeeker, error)
	Small(a record.Attachment) ([]byte, error)
	Sums(a record.Attachment) (content, came string, err error)
}

// quietLine is how long a sender may say nothing before the line counts as dead; what came is kept.
const quietLine = time.Minute

// File is an attachment as a screen shows it.
type File struct {
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	Type   string       `json:"type" doc:"media type as sniffed"`
	Group  attach.Group `json:"group"`
	Size   int64        `json:"size"`
	Width  int          `json:"width,omitempty"`
	Height int          `json:"height,omitempty"`
	Pages  int          `json:"pages,omitempty"`
	Small  *SmallSize   `json:"small,omitempty" doc:"there is a small picture at /attachments/{id}/small"`
	Clean  bool         `json:"clean" doc:"place, device and author were taken out"`
	Kept   *KeptPlace   `json:"kept,omitempty" doc:"they were left in it on purpose"`
	Added  time.Time    `json:"added"`
	By     string       `json:"by,omitempty"`
}

// SmallSize is the size of a small picture, so that its place is kept while it comes.
type SmallSize struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// KeptPlace says why a file still tells where it was made.
type KeptPlace struct {
	Reason string `json:"reason"`
	Note   string `json:"note,omitempty"`
}

// FilePage is an attachment with what a laboratory or a court compares.
type FilePage struct {
	File
	Record string `json:"record" doc:"id of the record that carries it"`
	SHA256 string `json:"sha256" doc:"of the content as kept"`
	Came   string `json:"came,omitempty" doc:"SHA-256 of the file as it came, where something was taken out of it"`
}

func fileOf(a record.Attachment) File {
	f := File{ID: a.ID.String(), Name: a.Name, Type: a.Type, Group: attach.GroupOf(a.Type), Size: a.Size, Width: a.Width, Height: a.Height,
		Pages: a.Pages, Clean: a.Cleaned, Added: a.Added, By: a.By}
	if a.Small != nil {
		f.Small = &SmallSize{a.Small.Width, a.Small.Height}
	}
	if a.Kept != nil {
		f.Kept = &KeptPlace{a.Kept.Reason, a.Kept.Note}
	}
	return f
}

type beginUpload struct {
	Body struct {
		Name   string `json:"name" maxLength:"1000"`
		Size   int64  `json:"size" minimum:"0"`
		SHA256 string `json:"sha256,omitempty" maxLength:"64" doc:"of the whole file, hexadecimal"`
	}
}

// patchUpload is a piece of a file; its body is read as it comes, never as a whole.
type patchUpload struct {
	ByID
	Offset int64 `header:"Upload-Offset" minimum:"0" doc:"where the piece begins; absent = at the beginning"`
	r      *http.Request
	w      http.ResponseWriter
}

// Resolve keeps the line itself.
func (p *patchUpload) Resolve(ctx huma.Context) []error {
	p.r, p.w = humago.Unwrap(ctx)
	return nil
}

type uploadHead struct {
	Offset int64 `header:"Upload-Offset"`
	Length int64 `header:"Upload-Length"`
}

type uploadAnswer struct {
	Offset int64 `header:"Upload-Offset"`
	Body   attach.Upload
}

func (a *API) attachments(h huma.API) {
	register(a, h, "POST", "/uploads", "beginUpload", "Begin to send a file", func(ctx context.Context, in *beginUpload) (*body[attach.Upload], error) {
		actor, err := a.sender(ctx)
		if err != nil {
			return nil, err
		}
		return answer(a.Vault.Begin(ctx, actor.User, attach.Begin{Name: in.Body.Name, Size: in.Body.Size, SHA256: in.Body.SHA256}))
	})
	register(a, h, "GET", "/uploads", "listUploads", "My files on their way", func(ctx context.Context, _ *empty) (*body[[]attach.Upload], error) {
		actor, err := a.sender(ctx)
		if err != nil {
			return nil, err
		}
		return answer(a.Vault.List(actor.User), nil)
	})
	register(a, h, "HEAD", "/uploads/{id}", "headUpload", "Where a file stands (tus 1.0)", func(ctx context.Context, in *ByID) (*uploadHead, error) {
		u, err := a.uploadState(ctx, *in)
		return &uploadHead{u.Offset, u.Size}, err
	})
	register(a, h, "GET", "/uploads/{id}", "getUpload", "Where a file stands", func(ctx context.Context, in *ByID) (*body[attach.Upload], error) {
		return answer(a.uploadState(ctx, *in))
	})
	register(a, h, "PATCH", "/uploads/{id}", "patchUpload", "Send a piece of a file (tus 1.0)", a.patchUpload)
	register(a, h, "DELETE", "/uploads/{id}", "cancelUpload", "Throw a file on its way away", func(ctx context.Context, in *ByID) (*empty, error) {
		actor, id, err := a.ownUpload(ctx, *in)
		if err != nil {
			return nil, err
		}
		return &empty{}, a.Vault.Cancel(ctx, actor.User, id)
	})
	register(a, h, "GET", "/attachments/{id}", "getAttachment", "An attached file with its checksums", func(ctx context.Context, in *ByID) (*body[FilePage], error) {
		return answer(a.filePage(ctx, *in))
	})
	register(a, h, "GET", "/attachments/{id}/small", "getSmall", "The small picture of an attached file", a.small)
	register(a, h, "GET", "/attachments/{id}/content", "download", "An attached file, as a download", a.download)
}

// sender gives the actor if they may bring in what this node will own.
func (a *API) sender(ctx context.Context) (record.Actor, error) {
	actor, err := a.purposed(ctx, access.Create, access.Evidence)
	if err != nil {
		return actor, err
	}
	return actor, a.allow(actor, access.Create, access.Evidence)
}

func (a *API) ownUpload(ctx context.Context, in ByID) (actor record.Actor, id record.ID, err error) {
	if actor, err = a.sender(ctx); err != nil {
		return actor, id, err
	}
	id, err = in.id()
	return actor, id, err
}

func (a *API) uploadState(ctx context.Context, in ByID) (attach.Upload, error) {
	actor, id, err := a.ownUpload(ctx, in)
	if err != nil {
		return attach.Upload{}, err
	}
	return a.Vault.State(ctx, actor.User, id)
}

// line reads a request as long as bytes come, and can be ended from outside.
type line struct {
	r      io.Reader
	rc     *http.ResponseController
	now    func() time.Time
	kicked atomic.Bool
}

// Read implements io.Reader; a line that the sender has left gives up.
func (l *line) Read(p []byte) (int, error) {
	if l.kicked.Load() {
		return 0, errors.New("the sender came back on another line")
	}
	_ = l.rc.SetReadDeadline(l.now().Add(quietLine)) // a server that cannot waits for the system
	return l.r.Read(p)
}

func (l *line) kick() {
	l.kicked.Store(true)
	_ = l.rc.SetReadDeadline(time.Unix(1, 0))
}

func (a *API) patchUpload(ctx context.Context, in *patchUpload) (*uploadAnswer, error) {
	actor, id, err := a.ownUpload(ctx, in.ByID)
	if err != nil {
		return nil, err
	}
	// The wall clock, not the node's: it is compared with the system's.
	l := &line{r: in.r.Body, rc: http.NewResponseController(in.w), now: time.Now}
	u, err := a.Vault.Append(ctx, actor.User, id, in.Offset, l, l.kick)
	if !l.kicked.Load() {
		_ = l.rc.SetReadDeadline(time.Time{})
	}
	if !u.ID.IsZero() {
		in.w.Header().Set("Upload-Offset", fmt.Sprint(u.Offset)) // with a refusal too: it says where to go on
	}
	if err != nil {
		return nil, err
	}
	return &uploadAnswer{u.Offset, u}, nil
}

// attached finds a file and the record that carries it, for an officer who may read that record and says why.
func (a *API) attached(ctx context.Context, in ByID) (actor record.Actor, rec *record.Record, file record.Attachment, err error) {
	id, err := in.id()
	if err != nil {
		return actor, nil, file, err
	}
	if actor, err = a.purposed(ctx, access.Read, ""); err != nil {
		return actor, nil, file, err
	}
	err = a.Store.View(ctx, func(tx record.Tx) error {
		rec, file, err = tx.Attached(id)
		return err
	})
	return actor, rec, file, err
}

func (a *API) filePage(ctx context.Context, in ByID) (FilePage, error) {
	actor, rec, file, err := a.attached(ctx, in)
	if err != nil {
		return FilePage{}, err
	}
	out := FilePage{File: fileOf(file), Record: rec.ID.String()}
	if out.SHA256, out.Came, err = a.Vault.Sums(file); err != nil {
		return FilePage{}, err
	}
	act := record.Act{Action: "read", Topic: rec.Handling.Topic, Subject: rec.ID, Count: 1}
	return out, a.noted(ctx, actor, act, asked("", "file", in.ID), []record.ID{rec.ID})
}

// smallLook is the look at the small pictures of a record: who listed its files has looked already.
func smallLook(rec *record.Record) (record.Act, question) {
	return record.Act{Action: "read", Topic: rec.Handling.Topic, Subject: rec.ID, Count: 1, IDs: record.HashIDs([]record.ID{rec.ID})}, asked("", "small")
}

func (a *API) small(ctx context.Context, in *ByID) (*huma.StreamResponse, error) {
	actor, rec, file, err := a.attached(ctx, *in)
	if err != nil {
		return nil, err
	}
	picture, err := a.Vault.Small(file)
	if err != nil {
		return nil, err
	}
	act, q := smallLook(rec)
	if err := a.noted(ctx, actor, act, q, []record.ID{rec.ID}); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		alone(c)
		c.SetHeader("Content-Type", file.Small.Type)
		c.SetHeader("Content-Length", fmt.Sprint(len(picture)))
		_, _ = c.BodyWriter().Write(picture) // the reader may be gone
	}}, nil
}

func (a *API) download(ctx context.Context, in *ByID) (*huma.StreamResponse, error) {
	actor, rec, file, err := a.attached(ctx, *in)
	if err != nil {
		return nil, err
	}
	content, err := a.Vault.Open(file)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		r, w := humago.Unwrap(c)
		if err := a.downloaded(ctx, actor, rec, file, r.Header.Get("Range")); err != nil {
			writeProblem(w, a.problem("download", err))
			return
		}
		alone(c)
		h := w.Header()
		h.Set("Content-Type", servedType(file.Type))
		h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(servedName(file)))
		watched := &watchedReader{ReadSeeker: content}
		http.ServeContent(w, r, "", time.Time{}, watched)
		if watched.err != nil { // the answer is shorter than it said: the browser calls the download failed
			_ = a.problem("download", watched.err)
		}
	}}, nil
}

// downloaded writes down that a file went out. Each download from the beginning is an act; the pieces of one are the same.
func (a *API) downloaded(ctx context.Context, actor record.Actor, rec *record.Record, file record.Attachment, piece string) error {
	act := record.Act{Action: "download", Topic: rec.Handling.Topic, Subject: rec.ID, Count: 1}
	q := asked("", "content", file.ID.String())
	if piece != "" && !strings.HasPrefix(piece, "bytes=0-") {
		return a.noted(ctx, actor, act, q, []record.ID{rec.ID})
	}
	act.IDs = record.HashIDs([]record.ID{rec.ID})
	if err := a.Store.Update(ctx, func(tx record.Tx) error { return tx.Audit(act) }); err != nil {
		return err
	}
	a.looks.done(keyOfLook(actor, act, q), a.Now())
	return nil
}

// watchedReader remembers what went wrong.
type watchedReader struct {
	io.ReadSeeker
	err error
}

// Read implements io.Reader.
func (r *watchedReader) Read(p []byte) (int, error) {
	n, err := r.ReadSeeker.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// alone keeps what somebody sent from being anything but bytes in our browsers, whatever it is.
func alone(c huma.Context) {
	c.SetHeader("Content-Security-Policy", "sandbox; default-src 'none'")
	c.SetHeader("X-Content-Type-Options", "nosniff")
	c.SetHeader("Cross-Origin-Resource-Policy", "same-origin")
}

// servedType is what a browser is told: bytes, unless the type is one that cannot run.
func servedType(mediaType string) string {
	if attach.GroupOf(mediaType) == attach.Opaque {
		return "application/octet-stream"
	}
	return mediaType
}

// servedName is the name a download gets. What may run when it is clicked does not keep an ending that makes it run.
func servedName(a record.Attachment) string {
	if attach.GroupOf(a.Type) == attach.Opaque {
		return a.Name + ".bin"
	}
	return a.Name
}
