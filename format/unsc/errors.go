package unsc

import "fmt"

// Error is a broken file. Its text is one sentence for the person who imports the list.
type Error struct {
	File    string
	Line    int    // from 1; 0 when the whole file is meant
	Problem string // what is wrong
	Remedy  string // what to do
	Err     error  // the cause, for operators; may be nil
}

// The remedies that more than one problem shares.
const (
	remedyAgain  = "download the list again from the publisher"
	remedyXML    = "give the XML form of the UN Security Council consolidated list"
	remedyReport = "download the list again, and tell the publisher if it stays so"
)

// Error is one sentence: file and place, what is wrong, what to do.
func (e *Error) Error() string {
	place := e.File
	if e.Line > 0 {
		place = fmt.Sprintf("%s, line %d", e.File, e.Line)
	}
	return fmt.Sprintf("%s: %s; %s.", place, e.Problem, e.Remedy)
}

// Unwrap gives the cause, for operators; nil when there is none.
func (e *Error) Unwrap() error { return e.Err }
