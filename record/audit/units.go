package audit

import (
	"context"
	"time"
)

// Units counts what officers looked at, by agency: reads, searches and lists, not the program's own.
type Units interface {
	// LooksByUnit counts the looks of a period; a zero time is open.
	LooksByUnit(ctx context.Context, from, to time.Time) ([]UnitLooks, error)
}

// UnitLooks is how often officers of an agency looked, and how many of them did.
type UnitLooks struct {
	Agency   string
	Looks    int
	Officers int
}
