package sqlite

import (
	"context"
	"testing"

	"sarhad/internal/authn"
	"sarhad/internal/authn/authntest"
)

// TestAuthnContract runs the suite of internal/authn on the tables of this store.
func TestAuthnContract(t *testing.T) {
	var s *Store
	authntest.Contract(t, func(t *testing.T) authn.Store {
		s, _ = open(t)
		return s
	}, func() int {
		tree, err := s.AuditTree(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return int(tree.Rows)
	})
}
