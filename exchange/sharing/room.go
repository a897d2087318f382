package sharing

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy"
)

// Party is a node that can be sent to, and who lives on it.
type Party struct {
	Node     string
	Name     Text     // for screens
	Country  string   // ISO 3166-1 alpha-3; "" = of no country
	Agencies []string // that have officers there
	Hub      bool     // carries, and reads nothing
}

// Directory knows the nodes of the network, this one too.
type Directory interface {
	Parties() []Party
}

// Nobody is the directory of a node that is in no network.
type Nobody struct{}

// Parties implements Directory.
func (Nobody) Parties() []Party { return nil }

// Defaults of a Room.
const (
	// FloodHour is how many records a partner may have us erase in an hour before a person looks: more than a busy office
	// shares in a week.
	FloodHour = 50
	// FloodShare is the part, in percent, of what we hold from a partner that may go in an hour, from FloodFloor on: below it one
	// recall is many percent.
	FloodShare = 5
	FloodFloor = 10
	// FloodPass is how long a flood that a person let go on goes on.
	FloodPass = 24 * time.Hour
	// Patience is after what time a holder that has not answered is listed: a weekend without a line.
	Patience = 72 * time.Hour
	// MaxTo is how many recipients one send has: more are not read by who signs.
	MaxTo = 50
	// MaxEdition is how long the body of an edition can be, in bytes: a message carries 512 KiB, with its head, the names of files, and
	// base64 where the body does not fit into a line.
	MaxEdition = 360 << 10
	// MaxWords bounds a purpose or a reason, in characters.
	MaxWords = 1000
)

// Room shares the records of one node. Store, Node, Directory, Clocks and Now are required.
type Room struct {
	Store     record.Store
	Node      string
	Country   string // ISO 3166-1 alpha-3 of this node
	Directory Directory
	Clocks    *privacy.Clocks // knows what is held
	Now       func() time.Time
	Log       *slog.Logger
	Types     *record.Types // bodies of this program, for who drafts; nil = none are told

	// Dispatch puts a message beside the act. nil = the transaction has a method of this name.
	Dispatch func(tx record.Tx, d *record.Dispatch) error
	// Delivery tells how far a message came, for screens. nil = nobody knows.
	Delivery func(tx record.Tx, message record.ID) (Delivery, error)
	// Open notes that a message of a node was opened by an officer, in the act of the room. nil = nobody is told.
	Open func(tx record.Tx, from string, lane record.Lane, message record.ID) error
	// SendFile sends a file of a record, its small picture or the whole, and gives the reference by which the recipient finds
	// it. nil = files stay here.
	SendFile func(tx record.Tx, to string, about record.ID, file record.Attachment, small bool) (ref string, err error)
}

// Delivery is how far a message came.
type Delivery struct {
	State   record.DispatchState // "" = not known
	Problem string               // why it was refused, in words for a person
	At      time.Time            // when the state was reached, UTC; zero = not known
}

// Bodies lists the bodies of the room for record.NewTypes.
func Bodies() []func() record.Body {
	return []func() record.Body{
		func() record.Body { return &Agreement{} },
		func() record.Body { return &Share{} },
		func() record.Body { return &Holding{} },
		func() record.Body { return &Alarm{} },
		func() record.Body { return &Onward{} },
		func() record.Body { return &ReceivedFile{} },
	}
}

// Step is who did something, and when (UTC).
type Step struct {
	User    string    `json:"user"`
	Display string    `json:"display"` // as on screens then
	At      time.Time `json:"at"`
}

// Text is a sentence in the languages of the region's offices.
type Text struct {
	En string `json:"en"`
	Ru string `json:"ru"`
}

// Things and roles of the mentions.
const (
	thingNode     = "node"
	roleTo        = "to"
	roleFrom      = "from"
	roleAsked     = "asked to erase"
	roleShared    = "shared"
	roleReceived  = "received"
	roleAgreement = "agreement"
)

func (r *Room) now() time.Time { return r.Now().UTC().Truncate(time.Millisecond) }

func (r *Room) step(a record.Actor) Step { return Step{a.User, a.Display, r.now()} }

// party gives a node of the directory.
func (r *Room) party(node string) (Party, bool) {
	for _, p := range r.Directory.Parties() {
		if p.Node == node {
			return p, true
		}
	}
	return Party{}, false
}

// elevated gives the actor, and a context in which the room reads and writes for them what is no officer's own. Only after the
// actor's right was asked.
func (r *Room) elevated(ctx context.Context) (record.Actor, context.Context, error) {
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return a, nil, err
	}
	all := a
	all.Machine = true
	return a, record.WithActor(ctx, all), nil
}

// asMachine is the context of the room's own work.
func (r *Room) asMachine(ctx context.Context) context.Context {
	return record.WithActor(ctx, record.Machine("sharing", ""))
}

// dispatcher is the part of a transaction that sends.
type dispatcher interface {
	Dispatch(*record.Dispatch) error
}

// send puts a message beside the act.
func (r *Room) send(tx record.Tx, d *record.Dispatch) error {
	if d.Lane == "" {
		d.Lane = record.Routine
	}
	if r.Dispatch != nil {
		return r.Dispatch(tx, d)
	}
	if t, ok := tx.(dispatcher); ok {
		return t.Dispatch(d)
	}
	return record.Errorf(record.Unavailable, "this node is in no network: nothing can be sent")
}

// house is the envelope of a record of the room's own.
func (r *Room) house(agency string, b record.Body, at time.Time) *record.Record {
	return &record.Record{Kind: b.Kind(), Version: b.Version(), Writer: r.Node, Owner: record.Owner{Agency: agency},
		Handling: record.Handling{Marking: record.MaxMarking, Topic: access.Sharing}, Occurred: at, Body: b}
}

// put stores a changed body.
func put(tx record.Tx, rec *record.Record) error {
	rec.Raw = nil
	return tx.Put(rec)
}

// words bounds what an officer says, and asks for something.
func words(s, what string) error {
	switch n := len([]rune(s)); {
	case n == 0:
		return record.Errorf(record.Invalid, "say %s in a few words; do not name the person", what)
	case n > MaxWords:
		return record.Errorf(record.Invalid, "the words have %d characters; %d are the most", n, MaxWords)
	}
	return nil
}

// each gives every record of a query, page by page.
func each(tx record.Reader, q record.Query, fn func(*record.Record) error) error {
	q.Full, q.Limit = true, record.MaxLimit
	for {
		page, err := tx.List(q)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			if err := fn(row.Record); err != nil {
				return err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

func lives(p Party, agency string) bool { return slices.Contains(p.Agencies, agency) }
