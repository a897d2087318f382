package directory

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"sarhad/record"
)

// Kind of the relay's messages whose body is a Message.
const MessageKind = "directory"

// Message is what nodes say to each other about the directory: one of its fields. It is no secret and needs no trust; what it
// brings is checked by Take, Cosign and Propose.
type Message struct {
	Want      *int64 `json:"want,omitempty"`      // what comes after so many statements?
	Bundle    string `json:"bundle,omitempty"`    // here it is
	Draft     string `json:"draft,omitempty"`     // to a witness: cosign this
	Cosigned  string `json:"cosigned,omitempty"`  // from a witness: done
	Statement string `json:"statement,omitempty"` // from a registrar to the keeper of the log
	Refused   string `json:"refused,omitempty"`   // why not, in words
}

// Talk answers messages about the directory.
type Talk struct {
	Directory *Directory
	Witness   *Witness // of this node; nil = none
	Keeper    bool     // this node keeps the log: it takes statements and gathers cosignatures
	// Keepers are the nodes whose drafts the witness looks at; none = every node's. Two who draft at once leave witnesses on
	// different tails, so an insider who drafts could stop the log, though not turn it.
	Keepers []string

	mu       sync.Mutex
	draft    Bundle
	gathered map[string][]byte // by country
}

// Answer is what goes back, or to everybody.
type Answer struct {
	Body []byte
	All  bool // to every node; else to who asked
}

// Handle answers one message of a node. An error says that the message was none, or that our storage failed; what we refuse is told to the other
// side in words.
func (t *Talk) Handle(ctx context.Context, from string, body []byte) ([]Answer, error) {
	if len(body) > MaxBundle+MaxBundle/2 {
		return nil, invalid("a message about the directory of %d bytes", len(body))
	}
	var m Message
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&m); err != nil || d.More() {
		return nil, invalid("this is no message about the directory")
	}
	switch {
	case m.Want != nil:
		b, err := t.Directory.Missing(ctx, *m.Want)
		return answerBundle(b, false, err)
	case m.Bundle != "":
		n, err := t.Directory.Take(ctx, []byte(m.Bundle))
		if record.KindOf(err) == record.Conflict && t.Directory.Fork() == nil { // a gap: ask from where we are
			return t.Ask()
		}
		if err == nil && n.New > 0 {
			return t.Ask() // there may be more than fits into one bundle
		}
		return nil, err
	case m.Draft != "":
		return t.cosign(ctx, from, m.Draft)
	case m.Cosigned != "":
		return t.gather(ctx, []byte(m.Cosigned))
	case m.Statement != "":
		if !t.Keeper {
			return refusal(record.Errorf(record.Forbidden, "this node does not keep the log of the directory"))
		}
		if err := t.Directory.Propose(ctx, []byte(m.Statement)); err != nil {
			return refusal(err)
		}
		return t.AskWitnesses()
	}
	return nil, nil // refused, or a word of a newer release
}

func (t *Talk) cosign(ctx context.Context, from, draft string) ([]Answer, error) {
	switch {
	case t.Witness == nil:
		return refusal(record.Errorf(record.Forbidden, "this node is no witness"))
	case len(t.Keepers) > 0 && !slices.Contains(t.Keepers, from):
		return refusal(record.Errorf(record.Forbidden, "%s does not keep the log of the directory, so its drafts are not cosigned", from))
	}
	if b, err := ReadBundle([]byte(draft)); err == nil {
		if size, _ := t.Directory.Size(); b.From > size {
			return t.Ask() // the keeper asks again within the hour
		}
	}
	word, err := t.Witness.Cosign(ctx, []byte(draft))
	if err != nil {
		return refusal(err)
	}
	return answer(Message{Cosigned: string(word)}, false)
}

// Ask makes the message that asks for what is missing here.
func (t *Talk) Ask() ([]Answer, error) {
	size, _ := t.Directory.Size()
	return answer(Message{Want: &size}, false)
}

// AskWitnesses makes the draft that goes to every witness: when something waits, and once an hour to keep the directory fresh.
func (t *Talk) AskWitnesses() ([]Answer, error) {
	size, _ := t.Directory.Size()
	b, err := t.Directory.Draft(size)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.draft, t.gathered = b, map[string][]byte{}
	t.mu.Unlock()
	data, err := b.Encode()
	if err != nil {
		return nil, err
	}
	return answer(Message{Draft: string(data)}, true)
}

// gather adds a cosignature; with the quorum the bundle counts here and goes to everybody.
func (t *Talk) gather(ctx context.Context, word []byte) ([]Answer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	country := t.Directory.vouches(t.draft, word)
	if country == "" {
		return nil, nil // for a former draft, or of nobody: one bad word must not spoil the good ones
	}
	t.gathered[country] = word
	if _, quorum := t.Directory.Members(); len(t.gathered) < quorum {
		return nil, nil
	}
	joined, err := Join(t.draft, slices.Collect(maps.Values(t.gathered))...)
	if err != nil {
		return nil, err
	}
	data, err := joined.Encode()
	if err != nil {
		return nil, err
	}
	if _, err := t.Directory.Take(ctx, data); record.KindOf(err) == record.Invalid {
		return nil, nil // the draft raises the quorum, or begins the directory: not enough yet
	} else if err != nil {
		return nil, err
	}
	return answer(Message{Bundle: string(data)}, true)
}

func answerBundle(b Bundle, all bool, err error) ([]Answer, error) {
	if err != nil {
		return refusal(err)
	}
	data, err := b.Encode()
	if err != nil {
		return nil, err
	}
	return answer(Message{Bundle: string(data)}, all)
}

func refusal(err error) ([]Answer, error) {
	if record.KindOf(err) == record.Internal {
		return nil, err
	}
	return answer(Message{Refused: record.MessageOf(err)}, false)
}

func answer(m Message, all bool) ([]Answer, error) {
	data, err := encode(m)
	if err != nil {
		return nil, err
	}
	return []Answer{{data, all}}, nil
}

// StatementMessage carries a statement to the keeper of the log: the Submit of a Registrar elsewhere.
func StatementMessage(statement []byte) ([]byte, error) {
	return encode(Message{Statement: string(statement)})
}
