package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
)

// Kind says what a statement does.
type Kind string

// The kinds of this release.
const (
	KindGenesis   Kind = "genesis"   // begins a directory: countries, their roots, the quorum
	KindMembers   Kind = "members"   // changes countries or quorum
	KindRoots     Kind = "roots"     // a country's new root
	KindAuthority Kind = "authority" // a root appoints registrar and witness
	KindParty     Kind = "party"     // who somebody is, with which keys
	KindPeople    Kind = "people"    // who is on duty there
	KindRevoke    Kind = "revoke"    // the keys of a party count no more
)

// Limits of what is read. They stop somebody who floods; honest statements are far below.
const (
	MaxStatement  = 32 << 10 // bytes; a hybrid key has 2 KB, a CA certificate 2 KB
	MaxKey        = 4 << 10
	MaxCheckpoint = 16 << 10
	MaxLeaves     = 500 // of a bundle or draft: months of a region
	MaxBundle     = 6 << 20
	// MaxSaid bounds the statements of one bundle, and MaxTail those that wait: a bundle goes in one message (record.MaxContent),
	// and what waits becomes one. A node's statement has some 5 KB.
	MaxSaid   = 256 << 10
	MaxTail   = MaxSaid / 2
	MaxPeople = 50 // of a party
)

// Lives of statements.
const (
	// PartyLife is how long a statement about a node holds: a forgotten one ends by itself within a month.
	PartyLife = 30 * 24 * time.Hour
	// RenewFrom is the age from which the registrar renews: ten days are left for a line that is down.
	RenewFrom = 20 * 24 * time.Hour
	// AuthorityLife is the most for which a root appoints a registrar and a witness: three people meet once in two years.
	AuthorityLife = 2 * 366 * 24 * time.Hour
)

// Statement is one signed word in the directory. Its text is the line "sarhad statement 1", the canonical JSON of this type and
// the signature lines of a signed note (C2SP signed-note). Data keeps the bytes as they came.
type Statement struct {
	At      time.Time       `json:"at"` // when it was made, by the clock of who signs
	Body    json.RawMessage `json:"body"`
	Country string          `json:"country,omitempty"` // whose registrar or root signs; none for genesis and members
	In      string          `json:"in,omitempty"`      // identity of the directory, so that it counts in no other; none for genesis
	Kind    Kind            `json:"kind"`
	N       int64           `json:"n"`       // one more than the former statement of this kind about this subject
	Subject string          `json:"subject"` // party or country

	Data []byte `json:"-"`
}

// Genesis begins a directory, and Members changes it. Members lists every country that belongs to it from then on; one that
// belonged before keeps its root and lists none.
type Genesis struct {
	Name      string   `json:"name,omitempty"` // of the directory; genesis only
	Quorum    int      `json:"quorum"`         // countries that must cosign; more than half
	Countries []Member `json:"countries"`
}

// Member is a country of the directory.
type Member struct {
	Country string   `json:"country"`
	Roots   []string `json:"roots,omitempty"` // three Ed25519 keys
}

// Roots is a country's new root, signed by two keys of the old and two of the new.
type Roots struct {
	Roots []string `json:"roots"`
}

// Authority is what a root appoints. It replaces the former appointment.
type Authority struct {
	Registrar string    `json:"registrar"` // Ed25519: signs statements about the country's parties
	Witness   string    `json:"witness"`   // Ed25519: cosigns checkpoints
	Since     time.Time `json:"since"`
	Until     time.Time `json:"until"`
	// VoidFrom is the first leaf (counted from 1) from which on what the former registrar signed counts no more; 0 = all
	// stays. For a stolen registrar key.
	VoidFrom int64  `json:"void_from,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// Revocation ends the keys of a party for good.
type Revocation struct {
	Reason string `json:"reason"` // in words, without names of persons
}

// Type says what a party is.
type Type string

// The types of parties.
const (
	Country Type = "country"
	Agency  Type = "agency"
	Node    Type = "node"
	Outpost Type = "outpost"
	Topic   Type = "topic"
	Hub     Type = "hub"
)

// Types are all, from the whole to the part.
var Types = []Type{Country, Agency, Node, Outpost, Topic, Hub}

// HasKeys reports whether a party of this type is a machine, which has keys.
func (t Type) HasKeys() bool { return t == Node || t == Outpost || t == Hub }

// Names is what a party is called.
type Names struct {
	En  string `json:"en"`
	Ru  string `json:"ru"`
	Own string `json:"own,omitempty"` // in the language of the country
}

// Party is somebody in the directory.
type Party struct {
	ID        string           `json:"id"` // country "KAZ", agency "KAZ-PIU"; others as node names: a-z, digits, hyphens
	Type      Type             `json:"type"`
	Country   string           `json:"country"`
	Parent    string           `json:"parent,omitempty"` // agency of a node, node of an outpost, country of an agency
	Names     Names            `json:"names"`
	Keys      Keys             `json:"keys,omitzero"`
	Proof     string           `json:"proof,omitempty"`     // by the party's own sign key over its keys
	Addresses []string         `json:"addresses,omitempty"` // of a hub, host:port or wss://host:port
	CA        string           `json:"ca,omitempty"`        // certificate to pin for them, base64 of DER
	Topics    []string         `json:"topics,omitempty"`    // it takes part in
	Reads     map[string][]int `json:"reads,omitempty"`     // versions of kinds that it can read
	Since     time.Time        `json:"since"`
	Until     time.Time        `json:"until"`
}

// Person is an officer whom another country may call. It has what is needed to reach somebody and no more.
type Person struct {
	Role      string   `json:"role"`  // focal, duty or deputy
	Names     Names    `json:"names"` // or what the desk is called
	Phones    []string `json:"phones,omitempty"`
	Hours     string   `json:"hours,omitempty"`     // "Mo-Fr 09:00-18:00" or "24/7", by Zone
	Zone      string   `json:"zone,omitempty"`      // IANA: "Asia/Almaty"
	Languages []string `json:"languages,omitempty"` // BCP 47
	Deputy    string   `json:"deputy,omitempty"`    // whom to ask when nobody answers: English name of another one in the list
}

// People are the officers of a party.
type People struct {
	People []Person  `json:"people"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`
}

// Roles of a Person.
const (
	RoleFocal  = "focal"
	RoleDuty   = "duty"
	RoleDeputy = "deputy"
)

// draft gives the text of a statement, to be signed.
func draft(s Statement, body any) ([]byte, error) {
	var err error
	if s.Body, err = marshal(body); err != nil {
		return nil, err
	}
	s.At = s.At.UTC().Truncate(time.Second)
	text, err := marshal(s)
	if err != nil {
		return nil, err
	}
	return []byte(statementDomain + "\n" + string(text) + "\n"), nil
}

// Parse reads a statement in its only form. Signatures are not looked at.
func Parse(data []byte) (s Statement, err error) {
	s, _, err = parse(data)
	return s, err
}

func parse(data []byte) (s Statement, text []byte, err error) {
	if len(data) > MaxStatement {
		return s, nil, fmt.Errorf("a statement of %d bytes; at most %d are read", len(data), MaxStatement)
	}
	text, _, ok := splitNote(data)
	if !ok {
		text = data
	}
	rest, ok := bytes.CutPrefix(text, []byte(statementDomain+"\n"))
	line, end := bytes.CutSuffix(rest, []byte("\n"))
	if !ok || !end || bytes.IndexByte(line, '\n') >= 0 {
		return s, nil, fmt.Errorf("it is no statement: %q and one line of JSON are expected", statementDomain)
	}
	if err := canonical(line); err != nil {
		return s, nil, err
	}
	if err := json.Unmarshal(line, &s); err != nil {
		return s, nil, fmt.Errorf("a field has the wrong type: %w", err)
	}
	if s.Kind == "" || s.N < 1 || s.At.IsZero() || len(s.Body) == 0 {
		return s, nil, fmt.Errorf("kind, n, at and body must be there")
	}
	s.Data = data
	return s, text, nil
}

// body reads the body of a statement. Fields that a newer release added are kept in the bytes and not understood here.
func body[T any](s Statement) (out T, err error) {
	if err = json.Unmarshal(s.Body, &out); err != nil {
		err = fmt.Errorf("the body of a %s has a field of the wrong type: %w", s.Kind, err)
	}
	return out, err
}

// identity names a directory: the hash of its genesis statement as leaf, base64. It does not depend on who of the three signed.
func identity(genesisText []byte) string { return tlog.RecordHash(genesisText).String() }

// invalid is an error for a person.
func invalid(format string, args ...any) error {
	return record.Errorf(record.Invalid, format, args...)
}
