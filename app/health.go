package app

import (
	"context"
	"time"

	"sarhad/app/doctor"
	"sarhad/internal/config"
)

// Facts learns how a node stands whose settings are c. a is the node, open for reading at least; nil when it could not be
// opened, for reason failed.
func Facts(ctx context.Context, c config.Config, a *App, failed error, now time.Time) doctor.Facts {
	s := doctor.Subject{Config: c, Err: failed, Program: Version, Types: Types(), Now: now}
	if failed == nil {
		s.Store = a.Store
	}
	return doctor.Gather(ctx, s)
}
