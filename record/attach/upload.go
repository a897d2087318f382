package attach

import (
	"fmt"
	"time"

	"sarhad/record"
)

// Begin is what a sender says of a file before its first byte.
type Begin struct {
	Name   string
	Size   int64  // bytes, all of it
	SHA256 string // of the whole file, hexadecimal; "" = not known beforehand
}

// Upload is a file on its way in, as its sender may see it. Times are UTC.
type Upload struct {
	ID      record.ID `json:"id"`
	Name    string    `json:"name"`
	Size    int64     `json:"size"`
	Offset  int64     `json:"offset" doc:"bytes that are safely here: go on from this one"`
	Done    bool      `json:"done"`
	Began   time.Time `json:"began"`
	Expires time.Time `json:"expires" doc:"when it is thrown away if nothing more comes"`
	Type    string    `json:"type,omitempty" doc:"of a complete file: media type as sniffed"`
	Group   Group     `json:"group,omitempty"`
	Place   bool      `json:"place,omitempty" doc:"of a complete file: it tells where it was made"`
	Dirty   bool      `json:"dirty,omitempty" doc:"of a complete file: what it tells cannot be taken out here, so it is kept on purpose or not at all"`
}

// Choice is what becomes of the place, device and author in a file. The zero value takes them out.
type Choice struct {
	Keep   bool
	Reason string // vocab "location-reasons"
	Note   string
}

// WrongOffset is a Conflict: the sender goes on from another byte than the node waits for.
type WrongOffset struct {
	Offset int64 // where to go on from
}

// Error says where to go on from.
func (e *WrongOffset) Error() string {
	return fmt.Sprintf("the file stands at byte %d: go on from there", e.Offset)
}

// Unwrap makes it a record.Error for the doors.
func (e *WrongOffset) Unwrap() error {
	return &record.Error{Kind: record.Conflict, Message: e.Error()}
}
