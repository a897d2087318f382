package api

// Listening is how many screens are told of changes at this moment.
func (e *Events) Listening() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.waiting)
}
