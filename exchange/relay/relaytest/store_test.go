package relaytest

import (
	"testing"

	"sarhad/store/storetest"
)

// TestMailConformance proves that the store in memory is a fair stand-in for the one on disk.
func TestMailConformance(t *testing.T) {
	storetest.RunMail(t, func(t *testing.T) storetest.Mailbox {
		clock := storetest.NewClock()
		s := NewStore("life-1")
		s.Now, s.Allow = clock.Now, storetest.Allow
		return storetest.Mailbox{Store: s, Clock: clock, Succeed: func(name string) { s.Restore(s.Backup(), name) }}
	})
}
