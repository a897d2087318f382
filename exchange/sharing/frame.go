package sharing

import (
	"bytes"
	"encoding/json"

	"sarhad/record"
)

// Kinds of the messages, by which the addressee finds its handler.
const (
	MsgEdition   = "edition"   // what one recipient gets of a record
	MsgRecall    = "recall"    // a person wants an edition back
	MsgErase     = "erase"     // the record is gone here: erase it
	MsgAnswer    = "answer"    // what a holder did about it
	MsgOnward    = "onward"    // a holder asks to share it further; the owner's word about it
	MsgAgreement = "agreement" // what a partner sends us from now on, or no longer
	MsgProposal  = "proposal"  // a correction that a holder asks for
	MsgDecision  = "decision"  // the owner's word about a proposal
)

// Form is the version of the frames. A message is one line of JSON, {"sarhad":"sharing/1","kind":...,"say":{...}}, and for
// editions, proposals and decisions one line of record.Wire behind it. Members of "say" may be added; a reader leaves what it
// does not know.
const Form = "sharing/1"

type head struct {
	Form string          `json:"sarhad"`
	Kind string          `json:"kind"`
	Say  json.RawMessage `json:"say"`
}

// frame writes a message. line is a record's, with its line break, or nil.
func frame(kind string, say any, line []byte) []byte {
	b, err := json.Marshal(say)
	if err == nil {
		b, err = json.Marshal(head{Form, kind, b})
	}
	if err != nil { // strings, numbers and times only
		panic("sharing: a message cannot be written: " + err.Error())
	}
	return append(append(b, '\n'), line...)
}

// unframe reads a message into say and gives the line behind it.
func unframe(a record.Arrival, say any) (line []byte, err error) {
	first, line, _ := bytes.Cut(a.Content, []byte("\n"))
	var h head
	if err := json.Unmarshal(first, &h); err != nil {
		return nil, &record.Error{Kind: record.Invalid, Message: "the message of " + a.From + " is not written as messages are", Err: err}
	}
	if h.Form != Form || h.Kind != a.Kind {
		return nil, record.Errorf(record.Invalid, "the message of %s is a %.40q in the form %.40q; this program reads %s in %s", a.From, h.Kind, h.Form, a.Kind, Form)
	}
	if err := json.Unmarshal(h.Say, say); err != nil {
		return nil, &record.Error{Kind: record.Invalid, Message: "what " + a.From + " says cannot be read", Err: err}
	}
	return line, nil
}

// fromParty gives who sent a message.
func (r *Room) fromParty(a record.Arrival) (Party, error) {
	p, ok := r.party(a.From)
	if !ok || a.From == r.Node {
		return p, record.Errorf(record.Forbidden, "%q is no other node of the network", a.From)
	}
	return p, nil
}

// editionSays goes before an edition.
type editionSays struct {
	Agreement record.ID `json:"agreement"`
	Legal     Text      `json:"legal"`
	Purpose   string    `json:"purpose"`
	Files     []File    `json:"files,omitempty"`
}

// File is a file of a shared record, by reference: its bytes travel by themselves.
type File struct {
	ID     record.ID `json:"id"`
	Name   string    `json:"name"`
	Type   string    `json:"type"`
	Size   int64     `json:"size"`
	Width  int       `json:"width,omitempty"`
	Height int       `json:"height,omitempty"`
	Pages  int       `json:"pages,omitempty"`
	Small  string    `json:"small,omitempty"` // reference of the small picture
	Ref    string    `json:"ref,omitempty"`   // reference of the whole
}

// askSays asks a holder to erase.
type askSays struct {
	Record record.ID `json:"record"`
	What   string    `json:"what"` // recall, erase, mask, nameless
	Reason string    `json:"reason,omitempty"`
}

// answerSays is what a holder did.
type answerSays struct {
	Record record.ID `json:"record"`
	Answer
}

// onwardSays asks to share further, or answers.
type onwardSays struct {
	Request record.ID `json:"request"` // the asker's id of it
	Record  record.ID `json:"record"`
	For     string    `json:"for,omitempty"` // node
	Why     string    `json:"why,omitempty"`
	State   string    `json:"state"` // OnwardOpen asks, the others answer
	Reason  string    `json:"reason,omitempty"`
}

// empty is what goes before a record that speaks for itself.
type empty struct{}
