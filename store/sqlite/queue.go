package sqlite

import (
	"context"
	"sync"
)

// queue gives the one writing connection to one act at a time. Who waits as a person goes before every bulk act; among
// equals the first comes first. A bulk act that runs is not interrupted, which is why it has to be short.
type queue struct {
	mu     sync.Mutex
	busy   bool
	people []chan struct{}
	bulk   []chan struct{}
}

// take waits for the turn; it fails only when ctx ends before.
func (q *queue) take(ctx context.Context, bulk bool) error {
	q.mu.Lock()
	if !q.busy {
		q.busy = true
		q.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	line := &q.people
	if bulk {
		line = &q.bulk
	}
	*line = append(*line, turn)
	q.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	for i, c := range *line {
		if c == turn {
			*line = append((*line)[:i], (*line)[i+1:]...)
			q.mu.Unlock()
			return ctx.Err()
		}
	}
	q.mu.Unlock()
	q.give() // the turn came while we left
	return ctx.Err()
}

// give hands the turn on.
func (q *queue) give() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, line := range []*[]chan struct{}{&q.people, &q.bulk} {
		if len(*line) > 0 {
			close((*line)[0])
			*line = (*line)[1:]
			return
		}
	}
	q.busy = false
}

// hurry reports whether a person waits.
func (q *queue) hurry() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.people) > 0
}
