package quarantine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"sarhad/internal/quarantine"
)

// TestWard proves that no more children read at the same time than the ward has room for, that who waits for room begins when
// somebody leaves, and that waiting ends with the context, without a child.
func TestWard(t *testing.T) {
	t.Parallel()
	const most = 2
	cell := quarantine.Cell{Limits: tight.Limits, Ward: quarantine.NewWard(most)}
	inside, leave, ends := make(chan struct{}), make(chan struct{}), make(chan error)
	read := func(ctx context.Context) {
		ends <- cell.Run(ctx, "lines", "a", strings.NewReader("one\n"), func([]byte) error {
			inside <- struct{}{}
			<-leave
			return nil
		})
	}
	for range most + 1 {
		go read(t.Context())
	}
	for range most {
		<-inside
	}
	// The ward is full, and one waits: who comes now and gives up, gives up in the queue.
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := cell.Run(ctx, "lines", "a", strings.NewReader("one\n"), func([]byte) error {
		t.Error("read beside a full ward")
		return nil
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting ended with %v", err)
	}
	select {
	case <-inside:
		t.Fatal("a third child reads beside two")
	default:
	}
	leave <- struct{}{}
	<-inside // the one that waited
	for range most {
		leave <- struct{}{}
	}
	for range most + 1 {
		if err := <-ends; err != nil {
			t.Error(err)
		}
	}
}

// TestWardIsLeft proves that a reading that failed gives its room back.
func TestWardIsLeft(t *testing.T) {
	t.Parallel()
	cell := quarantine.Cell{Limits: tight.Limits, Ward: quarantine.NewWard(1)}
	for range 3 {
		if err := cell.Run(t.Context(), "exit", "a", strings.NewReader(""), func([]byte) error { return nil }); quarantine.ReasonOf(err) != quarantine.Crashed {
			t.Fatal(err)
		}
	}
}
