package relay

import (
	"crypto/rand"
	"log/slog"
	"time"

	"sarhad/record"
)

// Timing holds every wait of the relay. Zero fields take the defaults.
type Timing struct {
	Poll time.Duration // how often the outbox is looked at when nobody calls Wake

	Receipts     time.Duration // how long a receipt waits for others to go with it
	ReceiptBatch int           // most receipts in one message

	FlashRetry   time.Duration // after a failed publish; constant, because somebody waits
	RoutineRetry time.Duration // doubled up to RetryMost
	BulkRetry    time.Duration // doubled up to RetryMost
	RetryMost    time.Duration
	Publish      time.Duration // one publish may take so long

	Resend      time.Duration // accepted, not delivered, though the addressee was heard since: published again after it
	ResendBlind time.Duration // the same when the addressee was not heard
	Ask         time.Duration // a gap is asked for when it is so old
	AskAgain    time.Duration // and again after it, doubled up to an hour
	How         time.Duration // delivered and not closed for so long: the addressee is asked how it stands
	Sweep       time.Duration // how often that is looked for

	Beat     time.Duration // a heartbeat to each partner
	BeatMost time.Duration // to one that is silent, at least so often

	KeepWire time.Duration // sealed bytes after delivery, for a peer that was restored
	KeepRow  time.Duration // rows of closed messages

	Handler     time.Duration // a handler that could not is tried again, doubled up to HandlerMost
	HandlerMost time.Duration

	Have        time.Duration // a receiver of a file says at most so often what it has
	FreightIdle time.Duration // a file of which nothing is said for so long is sent on from what the receiver has
}

// DefaultTiming gives the defaults.
func DefaultTiming() Timing {
	return Timing{
		Poll:         time.Second,
		Receipts:     20 * time.Millisecond, // nobody sees it, and a burst shares one signature
		ReceiptBatch: 64,
		FlashRetry:   500 * time.Millisecond,
		RoutineRetry: 2 * time.Second,
		BulkRetry:    5 * time.Second,
		RetryMost:    30 * time.Second,
		Publish:      30 * time.Second,
		Resend:       2 * time.Minute, // two heartbeats: longer than any hub takes
		ResendBlind:  6 * time.Hour,   // it waits at the hub, and every copy costs the hub room
		Ask:          30 * time.Second,
		AskAgain:     2 * time.Minute,
		How:          10 * time.Minute, // a lost word "opened" shows a wrong state, and loses nothing
		Sweep:        15 * time.Second,
		Beat:         time.Minute,
		BeatMost:     time.Hour,
		KeepWire:     7 * 24 * time.Hour, // a backup is never older where somebody looks after it
		KeepRow:      365 * 24 * time.Hour,
		Handler:      time.Second,
		HandlerMost:  5 * time.Minute,
		Have:         5 * time.Second,
		FreightIdle:  time.Minute,
	}
}

func (c *Config) defaults() {
	d := DefaultTiming()
	for _, p := range []struct {
		have *time.Duration
		want time.Duration
	}{
		{&c.Timing.Poll, d.Poll}, {&c.Timing.Receipts, d.Receipts}, {&c.Timing.FlashRetry, d.FlashRetry}, {&c.Timing.RoutineRetry, d.RoutineRetry},
		{&c.Timing.BulkRetry, d.BulkRetry}, {&c.Timing.RetryMost, d.RetryMost}, {&c.Timing.Publish, d.Publish}, {&c.Timing.Resend, d.Resend},
		{&c.Timing.ResendBlind, d.ResendBlind}, {&c.Timing.Ask, d.Ask}, {&c.Timing.AskAgain, d.AskAgain}, {&c.Timing.How, d.How}, {&c.Timing.Sweep, d.Sweep},
		{&c.Timing.Beat, d.Beat}, {&c.Timing.BeatMost, d.BeatMost}, {&c.Timing.KeepWire, d.KeepWire}, {&c.Timing.KeepRow, d.KeepRow}, {&c.Timing.Handler, d.Handler},
		{&c.Timing.HandlerMost, d.HandlerMost}, {&c.Timing.Have, d.Have}, {&c.Timing.FreightIdle, d.FreightIdle},
	} {
		if *p.have <= 0 {
			*p.have = p.want
		}
	}
	if c.Timing.ReceiptBatch <= 0 {
		c.Timing.ReceiptBatch = d.ReceiptBatch
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Head == nil {
		c.Head = func(record.Peer) string { return "" }
	}
	if c.Checkpoint == nil {
		c.Checkpoint = func() string { return "" }
	}
}

// retry is how long a peer's messages of a lane wait after a failure.
func (t Timing) retry(l record.Lane, tries int) time.Duration {
	switch l {
	case record.Flash:
		return t.FlashRetry
	case record.Routine:
		return doubled(t.RoutineRetry, tries, t.RetryMost)
	}
	return doubled(t.BulkRetry, tries, t.RetryMost)
}

// doubled is d, doubled for each try after the first, at most most.
func doubled(d time.Duration, tries int, most time.Duration) time.Duration {
	for ; tries > 1 && d < most; tries-- {
		d *= 2
	}
	return min(d, most)
}
