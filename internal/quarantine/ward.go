package quarantine

import "context"

// DefaultAtOnce is how many children read at the same time: three of the largest readings take 2.3 GB (DefaultMemory each), what
// a machine of 4 GB can spare beside the store, and on two processors more would only wait for each other.
const DefaultAtOnce = 3

// Ward is the room for children that the cells of one process share: so many read at the same time, the others wait in the
// order in which they came. It may be used by many at the same time.
type Ward struct{ beds chan struct{} }

// NewWard makes a ward for so many children at once; 0 = DefaultAtOnce.
func NewWard(most int) *Ward {
	if most <= 0 {
		most = DefaultAtOnce
	}
	return &Ward{beds: make(chan struct{}, most)}
}

// enter waits for a bed until ctx ends. The time in the queue counts for no limit of the reading.
func (w *Ward) enter(ctx context.Context) (leave func(), err error) {
	if w == nil {
		return func() {}, nil
	}
	select {
	case w.beds <- struct{}{}:
		return func() { <-w.beds }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
