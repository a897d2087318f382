package directory_test

import (
	"context"
	"testing"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/directory/directorytest"
)

// slow is a storage whose writer is busy until it is let go.
type slow struct {
	*directorytest.Memory
	busy chan struct{} // closed when somebody waits
	free chan struct{}
}

func (s slow) SetDirectoryNote(ctx context.Context, name string, value []byte) error {
	close(s.busy)
	<-s.free
	return s.Memory.SetDirectoryNote(ctx, name, value)
}

// TestReadingNeverWaitsForTheStore proves that the directory can be read while a change of it waits for the store: an act of the same
// store may be what reads.
func TestReadingNeverWaitsForTheStore(t *testing.T) {
	r := directorytest.NewRegion(t)
	s := slow{directorytest.NewMemory(), make(chan struct{}), make(chan struct{})}
	d, err := directory.Open(t.Context(), s, r.Now)
	if err != nil {
		t.Fatal(err)
	}
	pinned := make(chan error)
	go func() { pinned <- d.Pin(context.WithoutCancel(t.Context()), r.Countries["KAZ"].Directory.Identity()) }()
	<-s.busy
	read := make(chan struct{})
	go func() {
		d.Identity()
		d.Parties()
		_, _ = d.Head(0)
		close(read)
	}()
	select {
	case <-read:
	case <-time.After(10 * time.Second):
		t.Error("who reads waits for who writes")
	}
	close(s.free)
	if err := <-pinned; err != nil {
		t.Error(err)
	}
}
