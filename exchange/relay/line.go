package relay

import (
	"context"
	"sync"
	"time"

	"sarhad/record"
)

const (
	// MinPiece and MaxPiece bound a piece of a file, in bytes. The least one is half a second of a line of 64 kbit/s; more than
	// the most makes no line faster and costs memory.
	MinPiece = 4 << 10
	MaxPiece = 256 << 10

	// A window grows while what is under way is acknowledged faster than quick, and shrinks when it takes longer than slow: then
	// about a second of line is under way, whatever the round trip of a satellite adds.
	quick = 700 * time.Millisecond
	slow  = 3 * time.Second

	maxWindow = 4 << 20 // bytes under way in one lane on a fast line
	maxFlight = 32      // messages under way in one lane
)

// window is how many bytes a lane may have under way at once. It follows the line.
type window struct {
	mu   sync.Mutex
	size int
	min  int
}

func newWindow(l record.Lane) *window {
	w := &window{min: 2 * MinPiece}
	if l == record.Bulk {
		w.min = underway * MinPiece
	}
	if l == record.Flash {
		w.min = 8 * MinPiece // few and short, and nobody may hold them up
	}
	w.size = w.min
	return w
}

func (w *window) bytes() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.size
}

// underway is how many pieces of files are under way at once: with less, a line with a long round trip or lost packets is idle for
// half of the time; with more, a flash message waits longer than two round trips and two seconds.
const underway = 3

// piece is the size of a piece of a file.
func (w *window) piece() int { return min(max(w.bytes()/underway, MinPiece), MaxPiece) }

// took learns from one acknowledged publish that was sent with the window full or nearly so.
func (w *window) took(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case d < quick:
		w.size = min(w.size*2, maxWindow)
	case d > slow:
		w.size = max(w.size/2, w.min)
	}
}

// bucket caps bytes per second. rate 0 caps nothing.
type bucket struct {
	mu   sync.Mutex
	rate float64
	left float64
	at   time.Time
	now  func() time.Time
}

// take waits until n bytes may go. A burst of one second is allowed, and debt is paid by who comes next.
func (b *bucket) take(ctx context.Context, n int) error {
	if b.rate <= 0 {
		return nil
	}
	b.mu.Lock()
	now := b.now()
	if b.at.IsZero() {
		b.at, b.left = now, b.rate
	}
	b.left = min(b.left+max(now.Sub(b.at).Seconds(), 0)*b.rate, b.rate)
	b.at = now
	b.left -= float64(n)
	wait := time.Duration(-b.left / b.rate * float64(time.Second))
	b.mu.Unlock()
	return sleep(ctx, wait)
}

// sleep waits, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
