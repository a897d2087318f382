package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
	"sarhad/record/access"
)

// HealthFinding is what one check of the machine found, as app/doctor tells it.
type HealthFinding struct {
	Check  string            `json:"check" doc:"disk, clock, rights, tls, backup, version, space, owner, log, journal, quarantine"`
	Code   string            `json:"code" doc:"what was found, for translations"`
	State  string            `json:"state" enum:"ok,unknown,warn,bad"`
	Means  string            `json:"means" doc:"one sentence in English"`
	Do     string            `json:"do,omitempty" doc:"what to do; a command where there is one"`
	Values map[string]string `json:"values,omitempty" doc:"figures of the sentence, for translations"`
}

// Examination is all findings of one moment.
type Examination struct {
	At       time.Time       `json:"at"`
	Worst    string          `json:"worst" enum:"ok,unknown,warn,bad"`
	Findings []HealthFinding `json:"findings"`
}

func (a *API) doctor(h huma.API) {
	register(a, h, "GET", "/doctor", "examineNode", "How the machine and the data directory stand", func(ctx context.Context, _ *empty) (*body[Examination], error) {
		if _, err := a.purposed(ctx, access.Change, access.Users); err != nil {
			return nil, err
		}
		if a.Doctor == nil {
			return nil, record.Errorf(record.Unavailable, "this node does not examine itself")
		}
		return answer(a.Doctor(ctx))
	})
}
