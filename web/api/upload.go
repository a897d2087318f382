package api

import (
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
	"sarhad/record/access"
)

// Limits of an upload.
const (
	// maxUpload bounds one upload: the largest list published today is 30 MB, a day of messages of a busy airport 20 MB.
	maxUpload = 256 << 20
	// inMemory is how much of an upload is held in memory. What is larger lies in the temporary directory until the answer
	// is out; the usual message of named travellers never touches it.
	inMemory = 32 << 20
)

type uploadForm struct {
	RawBody multipart.Form
}

// uploads are the doors that take files, with the topic of what comes in.
var uploads = []struct{ path, topic string }{
	{"/api/imports", access.Passenger},
	{"/api/lists/preview", access.Watchlist},
	{"/api/lists/import", access.Watchlist},
}

// registerUpload makes one operation that takes files.
func registerUpload[O any](a *API, h huma.API, path, id, summary string, fn func(context.Context, *multipart.Form) (*O, error)) {
	op := huma.Operation{OperationID: id, Method: http.MethodPost, Path: "/api" + path, Summary: summary, MaxBodyBytes: maxUpload}
	huma.Register(h, op, func(ctx context.Context, in *uploadForm) (*O, error) {
		out, err := fn(ctx, &in.RawBody)
		if err != nil {
			return nil, a.problem(id, err)
		}
		return out, nil
	})
}

// receive stands before the doors that take files: the right is asked before a byte is read, too much is refused rather
// than cut, and nothing of the files stays in the temporary directory after the answer.
func (a *API) receive(next http.Handler, most int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		topic := ""
		for _, u := range uploads {
			if r.Method == http.MethodPost && r.URL.Path == u.path {
				topic = u.topic
			}
		}
		if topic == "" {
			next.ServeHTTP(w, r)
			return
		}
		if _, err := a.mayImport(r.Context(), topic); err != nil {
			writeProblem(w, err)
			return
		}
		if r.ContentLength > most {
			w.Header().Set("Connection", "close") // the rest of the body is not waited for
			tooLarge(w, most)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		err := r.ParseMultipartForm(inMemory)
		if form := r.MultipartForm; form != nil {
			defer func() {
				if err := form.RemoveAll(); err != nil {
					a.Log.Error("api: the files of an upload are still in the temporary directory", "err", err)
				}
			}()
		}
		var over *http.MaxBytesError
		switch {
		case errors.As(err, &over):
			tooLarge(w, most)
			return
		case err != nil:
			writeProblem(w, &record.Error{Kind: record.Invalid, Err: err,
				Message: "the files did not arrive whole; choose them again, and look at the line if it stays so"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func tooLarge(w http.ResponseWriter, most int64) {
	writeProblem(w, &Problem{Status: http.StatusRequestEntityTooLarge, Kind: string(record.Invalid), Title: http.StatusText(http.StatusRequestEntityTooLarge),
		Detail: fmt.Sprintf("the files are more than %d MB together; nothing of them was stored. Send them in parts", most>>20)})
}

// mayImport gives the actor if they may bring in what this node will own.
func (a *API) mayImport(ctx context.Context, topic string) (record.Actor, error) {
	actor, err := a.purposed(ctx, access.Import, topic)
	if err != nil {
		return actor, err
	}
	return actor, a.allow(actor, access.Import, topic)
}

// allow asks the table about a record that this node is going to write: it will belong to the node's agency, whoever
// sends the file.
func (a *API) allow(actor record.Actor, action, topic string) error {
	will := record.Scope{Node: a.Node.Name, Agency: a.Agency, Marking: record.MaxMarking, Topic: topic}
	if access.Allow(actor, action, will) {
		return nil
	}
	return record.Errorf(record.Forbidden, "your role may not %s in %s of %s; ask your supervisor if your work needs it", action, topic, a.Agency)
}

// upload is one file of a form, open.
type upload struct {
	multipart.File
	name string
}

// opened opens the files of a form; done closes them.
func opened(form *multipart.Form) (files []upload, done func(), err error) {
	done = func() {
		for _, f := range files {
			_ = f.Close() // read only
		}
	}
	for _, header := range form.File["files"] {
		f, err := header.Open()
		if err != nil {
			done()
			return nil, nil, err
		}
		files = append(files, upload{f, header.Filename})
	}
	if len(files) == 0 {
		return nil, nil, record.Errorf(record.Invalid, "no file came; choose one or drop it on the page")
	}
	return files, done, nil
}

func field(form *multipart.Form, name string) string {
	if v := form.Value[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}
