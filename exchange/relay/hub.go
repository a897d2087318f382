package relay

import (
	"encoding/json"

	"sarhad/record"
)

// Kinds of service messages that a hub sends. They count only when Config.Hub says that the sender is one.
const (
	KindAccepted = "relay.accepted" // signed receipt: the hub has these messages on disk for their addressees
	KindReturned = "relay.returned" // the hub does not carry this message on
)

// AcceptedBody is the content of KindAccepted.
type AcceptedBody struct {
	IDs []record.ID `json:"ids"`
}

// ReturnedBody is the content of KindReturned.
type ReturnedBody struct {
	ID  record.ID `json:"id"`
	Why string    `json:"why"` // in words for a person
}

// byHub does what a hub says about messages of ours. It moves nothing past "accepted": that a message was delivered or refused is its
// addressee's word alone. What the hub returned is sent again in time; the reason is shown with it.
func (s *storing) byHub(a record.Arrival) error {
	if s.r.cfg.Hub == nil || !s.r.cfg.Hub(a.From) {
		s.r.cfg.Log.Warn("relay: who is no hub speaks as one", "peer", a.From, "kind", a.Kind)
		return nil
	}
	signed := a.Signed
	if signed == nil {
		signed = a.Content
	}
	var steps []record.Step
	switch a.Kind {
	case KindAccepted:
		var b AcceptedBody
		if err := json.Unmarshal(a.Content, &b); err != nil {
			return nil
		}
		for _, id := range b.IDs {
			steps = append(steps, record.Step{ID: id, State: record.DispatchAccepted, Receipt: signed})
		}
	case KindReturned:
		var b ReturnedBody
		if err := json.Unmarshal(a.Content, &b); err != nil || b.ID.IsZero() {
			return nil
		}
		s.r.cfg.Log.Warn("relay: the hub does not carry a message on", "id", b.ID, "why", abridge(b.Why))
		steps = append(steps, record.Step{ID: b.ID, Problem: abridge(b.Why), Receipt: signed})
	}
	for _, step := range steps {
		if _, err := s.tx.Advance(step); err != nil && record.KindOf(err) != record.NotFound {
			return err
		}
	}
	return nil
}
