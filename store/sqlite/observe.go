package sqlite

import "time"

// observe measures a call from now until the result is called; waiting for one's turn counts.
func (s *Store) observe(op string, err *error) func() {
	if s.cfg.Observe == nil {
		return func() {}
	}
	began := time.Now()
	return func() { s.cfg.Observe(op, time.Since(began), *err) }
}
