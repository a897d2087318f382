package api

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/mod/sumdb/note"

	"sarhad/collection/evidence"
	"sarhad/collection/passenger"
	"sarhad/exchange/sharing"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/audit"
	"sarhad/record/oversight"
	"sarhad/record/privacy"
	"sarhad/record/privacy/export"
	"sarhad/record/privacy/request"
	"sarhad/screening/hit"
	"sarhad/web/intake"
)

// Config is what the API needs. All fields are required but Demo.
type Config struct {
	Store record.Store
	Audit interface {
		audit.Table
		audit.Asker
		audit.Units
	}
	Authn      *authn.Service
	Guard      *authn.Guard
	Hits       *hit.Room
	Agency     string // owner of what this node collects
	Passengers *passenger.Room
	Requests   *request.Room
	Oversight  *oversight.Room
	Events     *Events
	Privacy    *privacy.Clocks
	Vault      Vault
	Exhibits   *evidence.Room
	Verifiers  note.Verifiers // keys that sign this node's checkpoints
	Node       Node
	Version    string
	Now        func() time.Time
	Log        *slog.Logger
	QueryKey   []byte     // keys the hashes of what officers searched for
	Demo       []DemoUser // sign-ins of a demonstration; nil on a real node

	Region Region // the other places of a demonstration; nil = there are none

	Exports *export.Room // the register of what is taken out

	Sharing *sharing.Room // who gets what under which agreement

	Network Network // how this node takes part in the network; nil = it does not

	Intake intake.Reader // reads what is uploaded; the zero value is ready

	Backups     Backups                     // of the node
	Sync        func(context.Context) error // puts bulk acts on the disk
	Checkpoints func() ([][]byte, error)    // checkpoints kept outside the store; nil = none
	Certificate func() (time.Time, bool)    // when the server certificate ends, and whether that is soon; zero without TLS

	Doctor func(context.Context) (Examination, error) // examines the machine; nil = it does not
}

// Node says where we are.
type Node struct {
	Name    string `json:"name"`
	Country string `json:"country"` // ISO 3166-1 alpha-2
	Role    string `json:"role"`    // outpost, node, hub
}

// DemoUser is one sign-in of a demonstration.
type DemoUser struct {
	Name     string `json:"name"`
	Password string `json:"password"`
	Role     string `json:"role"`
	Display  string `json:"display"`
}

// API holds what the handlers share.
type API struct {
	Config
	looks     looks
	verifying sync.Mutex // one verification of the log at a time
}

// maxJSON bounds every body but an upload.
const maxJSON = 1 << 20

// New gives the handler of /api/ with sessions, CSRF and headers around it. It is the one place where paths are made.
func New(c Config) http.Handler {
	a := &API{Config: c}
	mux := http.NewServeMux()
	conf := huma.DefaultConfig("Sarhad", "1")
	conf.DocsPath, conf.SchemasPath = "", ""
	conf.OpenAPIPath = "/api/openapi"
	conf.CreateHooks = nil
	conf.Info.Description = "The JSON API of a Sarhad node."
	h := humago.New(mux, conf)

	for _, part := range a.parts() {
		part(h)
	}
	mux.HandleFunc("GET /api/requests/{id}/print", a.printRequest)
	a.prints(mux)
	mux.HandleFunc("GET /api/events", a.stream)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, record.Errorf(record.NotFound, "there is no %s %s here", r.Method, r.URL.Path))
	})
	return quietly(a.receive(mux, maxUpload))
}

// parts are the doors, a file each.
func (a *API) parts() []func(huma.API) {
	return []func(huma.API){
		a.session,
		a.account,
		a.signing,
		a.passkeys,
		a.devices,
		a.vocab,
		a.today,
		a.hits,
		a.instructions,
		a.voyages,
		a.imports,
		a.lists,
		a.records,
		a.attachments,
		a.exhibits,
		a.oversight,
		a.requests,
		a.privacy,
		a.backup,
		a.doctor,
		a.proposals,
		a.questions,
		a.exports,
		a.sharing,
		a.network,
		a.admin,
	}
}

// OpenAPI gives the document the types make, as JSON.
func OpenAPI() ([]byte, error) {
	mux := http.NewServeMux()
	conf := huma.DefaultConfig("Sarhad", "1")
	conf.CreateHooks = nil
	conf.DocsPath, conf.SchemasPath = "", ""
	conf.Info.Description = "The JSON API of a Sarhad node."
	h := humago.New(mux, conf)
	a := &API{}
	for _, part := range a.parts() {
		part(h)
	}
	return h.OpenAPI().MarshalJSON()
}

// register makes one operation. Every handler returns an error of a kind; this is the one place that turns it into an
// answer.
func register[I, O any](a *API, h huma.API, method, path, id, summary string, fn func(context.Context, *I) (*O, error)) {
	op := huma.Operation{OperationID: id, Method: method, Path: "/api" + path, Summary: summary, MaxBodyBytes: maxJSON}
	huma.Register(h, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err != nil {
			return nil, a.problem(id, err)
		}
		return out, nil
	})
}

// body wraps an answer for huma.
type body[T any] struct{ Body T }

func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{v}, nil
}

// empty is a request without parameters.
type empty struct{}

// ByID is a request about one record.
type ByID struct {
	ID string `path:"id" maxLength:"36" doc:"record id (UUIDv7)"`
}

func (r ByID) id() (record.ID, error) {
	id, err := record.ParseID(r.ID)
	if err != nil || id.IsZero() {
		return id, record.Errorf(record.NotFound, "there is no record %.36q", r.ID)
	}
	return id, nil
}

// List is the answer of every list.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"cursor of the next page; absent on the last one"`
}

// Paging is the request of every list.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"512"`
	Limit  int    `query:"limit" minimum:"0" maximum:"500" doc:"0 = 50"`
}
