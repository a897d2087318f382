package relay

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"sarhad/record"
)

// Kinds of service messages.
const (
	KindReceipt   = "relay.receipt"
	KindAsk       = "relay.ask"   // numbers that are missing
	KindGone      = "relay.gone"  // numbers that can be sent no more
	KindHeartbeat = "heartbeat"   //
	KindPiece     = "relay.piece" // part of a file
	KindHow       = "relay.how"   // how messages stand that were delivered and not opened
	KindHave      = "relay.have"  // what is here of a file
)

// IsService reports whether a kind is a service message: what a room sends never is, and what is one need not be archived.
func IsService(kind string) bool {
	return kind == KindHeartbeat || strings.HasPrefix(kind, "relay.")
}

// receiptBody is the content of a receipt.
type receiptBody struct {
	Receipts []receiptLine `json:"receipts"`
}

type receiptLine struct {
	ID    record.ID            `json:"id"`
	State record.DispatchState `json:"state"`
	Why   string               `json:"why,omitempty"`
}

// ranges is the content of what is asked for and of what is gone.
type ranges struct {
	Ranges []numbers `json:"ranges"`
}

type numbers struct {
	Lane  record.Lane `json:"lane"`
	Life  string      `json:"life"`
	First int64       `json:"first"`
	Last  int64       `json:"last"`
}

func (n numbers) valid() bool {
	return n.Lane != "" && n.Life != "" && n.First > 0 && n.Last >= n.First && n.Last < 1<<53
}

// howBody is the content of a question how messages stand.
type howBody struct {
	IDs []record.ID `json:"ids"`
}

// beatSize is what the content of every heartbeat is padded to: its size tells nothing.
const beatSize = 4 << 10

// beatBody is the content of a heartbeat.
type beatBody struct {
	Number     int64                    `json:"number"` // in the incarnation, ascending
	Life       string                   `json:"life"`
	Clock      time.Time                `json:"clock"`
	Version    string                   `json:"version"`
	Reads      []string                 `json:"reads"`
	Lanes      map[record.Lane]beatLane `json:"lanes"`
	Former     []record.LaneLast        `json:"former"` // last numbers of former incarnations, the newest of them
	Head       string                   `json:"head"`
	Checkpoint string                   `json:"checkpoint"`
}

type beatLane struct {
	Sent    int64  `json:"sent"` // all up to this number of ours were handed over
	Got     int64  `json:"got"`  // highest number of yours that is here
	Missing int64  `json:"missing"`
	Life    string `json:"life"` // of yours that got speaks of
}

// pad writes a content in a constant size, or the next multiple of it.
func (b beatBody) pad() ([]byte, error) {
	out, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	return append(out, bytes.Repeat([]byte(" "), (beatSize-len(out)%beatSize)%beatSize)...), nil
}

// pieceHead goes before the bytes of each piece of a file.
type pieceHead struct {
	File   record.ID `json:"file"`
	Kind   string    `json:"kind"`
	About  record.ID `json:"about,omitzero"`
	Meta   []byte    `json:"meta,omitempty"`
	Size   int64     `json:"size"`
	Hash   []byte    `json:"hash"`
	Offset int64     `json:"offset"`
	Round  int       `json:"round"`          // how often the sender went through the file
	Last   bool      `json:"last,omitempty"` // of this round: say what you have
}

func (h pieceHead) write(data []byte) ([]byte, error) {
	head, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	out := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(head)+len(data)), uint16(len(head)))
	return append(append(out, head...), data...), nil
}

func readPiece(content []byte) (h pieceHead, data []byte, err error) {
	if len(content) < 2 {
		return h, nil, fmt.Errorf("a piece of %d bytes", len(content))
	}
	n := int(binary.BigEndian.Uint16(content))
	if len(content) < 2+n {
		return h, nil, fmt.Errorf("the head of a piece is cut off")
	}
	if err := json.Unmarshal(content[2:2+n], &h); err != nil {
		return h, nil, err
	}
	data = content[2+n:]
	if h.File.IsZero() || h.Kind == "" || len(h.Kind) > 100 || h.Size <= 0 || h.Size > 1<<42 || len(h.Hash) != 32 || bytes.Equal(h.Hash, make([]byte, 32)) || h.Offset < 0 || len(h.Meta) > record.MaxFreightMeta || h.Offset > h.Size-int64(len(data)) {
		return h, nil, fmt.Errorf("the head of a piece makes no sense")
	}
	return h, data, nil
}

// haveBody is the content of what a receiver has of a file.
type haveBody struct {
	File  record.ID           `json:"file"`
	Have  []record.Span       `json:"have"`
	State record.FreightState `json:"state"`
	Why   string              `json:"why,omitempty"`
	Round int                 `json:"round"`         // of the last piece that came
	End   bool                `json:"end,omitempty"` // that was the last of its round: what is missing now is lost
}
