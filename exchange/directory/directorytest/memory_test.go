package directorytest

import (
	"testing"

	"sarhad/exchange/directory"
)

func TestMemory(t *testing.T) {
	Run(t, func(*testing.T) Opened {
		m := NewMemory()
		return Opened{m, func() directory.Storage { return m }}
	})
}
