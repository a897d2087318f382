package api

import (
	"time"

	"sarhad/record"
	"sarhad/record/privacy/export"
)

// ExportHits says which hits of the queue go out: all that its filters select, however many of them the screen has loaded.
type ExportHits struct {
	State string `json:"state,omitempty" enum:"open,mine,overdue,decided,all" default:"open"`
	Place string `json:"place,omitempty" maxLength:"8"`
	List  string `json:"list,omitempty" maxLength:"64"`
	Leans string `json:"leans,omitempty" enum:"same,different,unclear,"`
	Q     string `json:"q,omitempty" maxLength:"200"`
}

// collectHits gives the hits as the queue shows them, one more than may go out at most.
func collectHits(tx record.Tx, in ExportHits, user string, now time.Time) (ids []record.ID, err error) {
	q := &hitQuery{State: in.State, Place: in.Place, List: in.List, Leans: in.Leans, Q: in.Q}
	if q.State == "" {
		q.State = "open"
	}
	q.Limit = record.MaxLimit
	if q.State != "decided" && q.State != "all" {
		open, err := openHits(tx)
		if err != nil {
			return nil, err
		}
		q.Limit = export.MaxRows + 1
		rows, _ := queuePage(open, q, user, now)
		return idsOf(rows), nil
	}
	for {
		rows, next, err := decidedHits(tx, q)
		if err != nil {
			return nil, err
		}
		ids = append(ids, idsOf(rows)...)
		if next == "" || len(ids) > export.MaxRows {
			return ids[:min(len(ids), export.MaxRows+1)], nil
		}
		q.Cursor = next
	}
}
