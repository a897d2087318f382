package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
)

// Region is the region around a demonstration.
type Region interface {
	Places() []DemoPlace
	// SetLine cuts the line of a node to the hub, or joins it again.
	SetLine(ctx context.Context, node string, cut bool) error
}

// DemoPlace is one node of the region of a demonstration.
type DemoPlace struct {
	Node    string     `json:"node"`
	Name    PartyName  `json:"name"`
	Country string     `json:"country" doc:"ISO 3166-1 alpha-2"`
	Role    string     `json:"role" enum:"node,outpost,hub"`
	URL     string     `json:"url,omitempty" doc:"absent: it is not up yet"`
	Line    string     `json:"line,omitempty" enum:"up,down,cut" doc:"to the hub; absent: it is the hub, or not up yet"`
	Users   []DemoUser `json:"users"`
}

// States of the line of a DemoPlace.
const (
	LineUp   = "up"
	LineDown = "down" // and tries to come up
	LineCut  = "cut"  // by somebody who wants to see what happens
)

type setLine struct {
	Body struct {
		Node string `json:"node" maxLength:"40"`
		Cut  bool   `json:"cut" doc:"false: join it again"`
	}
}

// demoRegion is the door by which a visitor cuts a line to watch. It is open, as the sign-ins of a demonstration are, and there only
// in one.
func (a *API) demoRegion(h huma.API) {
	register(a, h, "POST", "/demo/line", "cutDemoLine", "Cut the line of a node of a demonstration to watch, or join it again", func(ctx context.Context, in *setLine) (*body[List[DemoPlace]], error) {
		if len(a.Demo) == 0 || a.Region == nil {
			return nil, record.Errorf(record.NotFound, "this is no demonstration of a region")
		}
		err := a.Region.SetLine(ctx, in.Body.Node, in.Body.Cut)
		return answer(List[DemoPlace]{Items: a.places()}, err)
	})
}

func (a *API) places() []DemoPlace {
	if a.Region == nil {
		return []DemoPlace{}
	}
	return a.Region.Places()
}
