package record

import (
	"context"
	"time"
)

// Actor is who acts, and why. It travels in the context from the door to the store; the store reads nothing without it.
type Actor struct {
	User    string // user id, or the name of a machine part: "screening"
	Display string // for screens; never for logs
	Agency  string
	Place   string // IATA or crossing-point code of a booth; "" = the whole node
	Roles   []string
	Purpose Purpose
	Machine bool // a part of the program: reads everything, decides nothing about a person
}

// Purpose is why somebody works with named data: an open case, enquiry or hit they are assigned to, the duty of their
// post, or free text that is reviewed later.
type Purpose struct {
	Kind  string    `json:"kind"` // duty, case, enquiry, hit, free
	Ref   string    `json:"ref,omitempty"`
	Text  string    `json:"text"`
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// Valid reports whether the purpose is set and not run out at the given time.
func (p Purpose) Valid(now time.Time) bool {
	return p.Kind != "" && p.Text != "" && (p.Until.IsZero() || now.Before(p.Until))
}

// Machine is the actor of a part of the program.
func Machine(part, agency string) Actor {
	return Actor{User: "machine:" + part, Display: part, Agency: agency, Machine: true,
		Purpose: Purpose{Kind: "duty", Text: part}}
}

type actorKey struct{}

// WithActor puts the actor into the context.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom gives the actor of a context; without one nothing is read or written.
func ActorFrom(ctx context.Context) (Actor, error) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	if !ok || a.User == "" {
		return Actor{}, Errorf(Forbidden, "nobody is acting: sign in first")
	}
	return a, nil
}

// Act is one row of the audit: who did what to which record, for which purpose. It names no person the record is about;
// records are named by id. The store fills Number, At, and the actor's fields.
type Act struct {
	Number  int64         `json:"number"` // position in the audit, from 1, no gaps
	At      time.Time     `json:"at"`
	User    string        `json:"user"`
	Role    string        `json:"role,omitempty"`
	Agency  string        `json:"agency,omitempty"`
	Place   string        `json:"place,omitempty"`
	Action  string        `json:"action"` // read, list, search, import, create, revise, claim, decide, undo, acknowledge, outcome, erase, sign-in ...
	Topic   string        `json:"topic,omitempty"`
	Subject ID            `json:"subject,omitzero"` // the one record, if it is one
	Count   int           `json:"count,omitempty"`  // how many records were seen or touched
	IDs     string        `json:"ids,omitempty"`    // SHA-256 over their sorted ids, hexadecimal
	Purpose Purpose       `json:"purpose"`
	Verdict string        `json:"verdict,omitempty"` // of a decision
	Reason  string        `json:"reason,omitempty"`  // code of a vocabulary, never free text
	Took    time.Duration `json:"took,omitempty"`    // from opening to deciding
	// Signature is the actor's own word for this act; nil where none is asked for.
	Signature *Signature `json:"signature,omitempty"`
}
