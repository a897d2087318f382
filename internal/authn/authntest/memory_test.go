package authntest_test

import (
	"testing"

	"sarhad/internal/authn"
	"sarhad/internal/authn/authntest"
)

func TestMemory(t *testing.T) {
	var m *authntest.Memory
	authntest.Contract(t, func(*testing.T) authn.Store {
		m = authntest.NewMemory()
		return m
	}, func() int { return len(m.Acts()) })
}
