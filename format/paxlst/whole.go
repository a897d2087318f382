package paxlst

import (
	"encoding/json"
)

// Whole is a message with everything that Parse found, for one program to hand to another: the JSON form of Message is a
// contract of `sarhad parse` and leaves out segments, zones and places of problems. What Whole writes it reads back the
// same, but for empty lists, which may come back as nil. Its JSON form is no contract: both ends are of one build.
type Whole struct{ Message Message }

// whole is the JSON form of Whole: the message, and beside each of its parts what the contract leaves out.
type whole struct {
	Message    Message        `json:"m"`
	Segments   []string       `json:"s,omitempty"`
	Voyages    []voyageRest   `json:"v,omitempty"`
	Travellers []personRest   `json:"t,omitempty"`
	Problems   []problemPlace `json:"p,omitempty"`
}

type voyageRest struct {
	DepartsZone string `json:"d,omitempty"`
	ArrivesZone string `json:"a,omitempty"`
	Operator    string `json:"o,omitempty"`
	Mode        string `json:"m,omitempty"`
}

type personRest struct {
	Segments []string `json:"s,omitempty"`
	Issued   []string `json:"i,omitempty"` // of each document
}

type problemPlace struct {
	Tag    string `json:"t,omitempty"`
	Offset int64  `json:"o,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (w Whole) MarshalJSON() ([]byte, error) {
	m := w.Message
	out := whole{Message: m, Segments: m.Header.Segments}
	for _, v := range m.Voyages {
		out.Voyages = append(out.Voyages, voyageRest{v.DepartsZone, v.ArrivesZone, v.Operator, v.Mode})
	}
	for _, t := range m.Travellers {
		rest := personRest{Segments: t.Details.Segments}
		for _, d := range t.Documents {
			rest.Issued = append(rest.Issued, d.Issued)
		}
		out.Travellers = append(out.Travellers, rest)
	}
	for _, p := range m.Problems {
		out.Problems = append(out.Problems, problemPlace{p.Tag, p.Offset})
	}
	return json.Marshal(out)
}

// UnmarshalJSON implements json.Unmarshaler.
func (w *Whole) UnmarshalJSON(b []byte) error {
	var in whole
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	m := in.Message
	m.Header.Segments = in.Segments
	for i := range min(len(m.Voyages), len(in.Voyages)) {
		v, rest := &m.Voyages[i], in.Voyages[i]
		v.DepartsZone, v.ArrivesZone, v.Operator, v.Mode = rest.DepartsZone, rest.ArrivesZone, rest.Operator, rest.Mode
	}
	for i := range min(len(m.Travellers), len(in.Travellers)) {
		t, rest := &m.Travellers[i], in.Travellers[i]
		t.Details.Segments = rest.Segments
		for k := range min(len(t.Documents), len(rest.Issued)) {
			t.Documents[k].Issued = rest.Issued[k]
		}
	}
	for i := range min(len(m.Problems), len(in.Problems)) {
		m.Problems[i].Tag, m.Problems[i].Offset = in.Problems[i].Tag, in.Problems[i].Offset
	}
	w.Message = m
	return nil
}
