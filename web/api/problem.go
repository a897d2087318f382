package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/internal/authn"
	"sarhad/record"
)

// Problem is every error answer (RFC 9457, application/problem+json).
type Problem struct {
	Status int    `json:"status"`
	Kind   string `json:"kind"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Reason string `json:"reason,omitempty" doc:"of a refused sign-in or session: what the screen can do about it"`
}

// statusOf is the table from kinds of errors to HTTP.
var statusOf = map[record.ErrorKind]int{
	record.Invalid:     http.StatusUnprocessableEntity,
	record.NotFound:    http.StatusNotFound,
	record.Conflict:    http.StatusConflict,
	record.Forbidden:   http.StatusForbidden,
	record.NoPurpose:   http.StatusForbidden,
	record.Unavailable: http.StatusServiceUnavailable,
	record.Internal:    http.StatusInternalServerError,
}

// Error implements error: the sentence for the person.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var _ huma.StatusError = (*Problem)(nil)

func problemOf(err error) *Problem {
	var said *Problem
	if errors.As(err, &said) {
		return said
	}
	kind := record.KindOf(err)
	status, ok := statusOf[kind]
	if !ok {
		status = http.StatusInternalServerError
	}
	if authn.ReasonOf(err) != "" {
		status = authn.Status(err)
	}
	return &Problem{Status: status, Kind: string(kind), Title: http.StatusText(status), Detail: record.MessageOf(err), Reason: string(authn.ReasonOf(err))}
}

// problem turns an error into an answer and logs what is our fault.
func (a *API) problem(operation string, err error) error {
	p := problemOf(err)
	if p.Status >= 500 && !errors.Is(err, context.Canceled) { // a browser that went away is no failure
		a.Log.Error("api: operation failed", "operation", operation, "err", err)
	}
	return p
}

func writeProblem(w http.ResponseWriter, err error) {
	p := problemOf(err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the reader may be gone
}

// Deny is how the guard answers.
func Deny(w http.ResponseWriter, _ *http.Request, err error) { writeProblem(w, err) }
