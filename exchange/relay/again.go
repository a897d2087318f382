package relay

import "context"

// TryAgain tries at once what waits because something failed before: messages that the line or the addressee's keys held back, and
// what came and could not be taken up. It changes no order and breaks no rule of the lanes; it only ends the waiting.
func (r *Relay) TryAgain(ctx context.Context) {
	now := r.cfg.Now()
	r.mu.Lock()
	for _, s := range r.stuck {
		s.next = now
	}
	for _, s := range r.fstuck {
		s.next = now
	}
	r.mu.Unlock()
	r.LineUp()
	r.Wake()
	for l := range r.lanes {
		r.wake("takeup " + string(l))
	}
	r.wake("whole")
	r.cfg.Log.InfoContext(ctx, "relay: a person asked to try again at once")
}
