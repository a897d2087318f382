package edifact

// Problem is something odd in an interchange that did not stop the reading. Text never repeats what a
// segment says of a person, so that it can be logged and shown in lists.
type Problem struct {
	// Segment is the place of the segment in its message, UNH = 1, as UNT counts; 0 stands for the interchange.
	Segment int `json:"segment"`
	// Code is one of the Problem codes, stable, in kebab-case.
	Code string `json:"code"`
	// Text tells a person what is wrong, where, and what to do.
	Text string `json:"text"`
	// Tag of the segment, upper case; "" when no segment is meant.
	Tag string `json:"-"`
	// Offset of the segment from the start of the file, in bytes.
	Offset int64 `json:"-"`
}

// The codes this package uses in Problem.Code.
const (
	BadUNA            = "bad-una"              // UNA does not fit the text that follows it
	MissingUNB        = "missing-unb"          // the text starts with a group, message or segment
	MissingUNH        = "missing-unh"          // segments stand outside any message
	MissingUNT        = "missing-unt"          // a message has no trailer
	MissingUNE        = "missing-une"          // a group has no trailer
	MissingUNZ        = "missing-unz"          // an interchange has no trailer
	BadSegmentCount   = "segment-count"        // UNT counts other than we do
	BadMessageCount   = "message-count"        // UNE or UNZ counts other than we do
	BadReference      = "reference-mismatch"   // a trailer repeats another reference than its header
	MissingTerminator = "missing-terminator"   // a segment ran into the next one
	StrayTerminator   = "unescaped-terminator" // a terminator inside a value was not released
	Garbage           = "garbage"              // text that is no segment stood between two segments
	Truncated         = "truncated"            // the file ends inside a segment, message or interchange
	Overlong          = "no-terminator"        // no terminator within MaxSegment bytes
)
