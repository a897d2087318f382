package relaytest

import (
	"flag"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

var (
	schedules = flag.Int("schedules", 2000, "how many schedules are played")
	first     = flag.Uint64("seed", 1, "the first of them")
)

// TestSchedules plays schedules of drop, delay, reorder, repeat, corruption, crash at any step, restore from an older backup, a hub
// that is away or burns, and clocks that are days apart. Nothing is lost, nothing is taken up twice, counted by ids.
func TestSchedules(t *testing.T) {
	const chunk = 50
	var next atomic.Uint64
	var mu sync.Mutex
	var sum Counts
	var wg sync.WaitGroup
	end := *first + uint64(*schedules)
	next.Store(*first)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for !t.Failed() {
				from := next.Add(chunk) - chunk
				if from >= end {
					return
				}
				synctest.Test(t, func(t *testing.T) {
					for seed := from; seed < min(from+chunk, end); seed++ {
						c, err := Play(seed)
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						sum.Add(c)
						mu.Unlock()
					}
				})
			}
		})
	}
	wg.Wait()
	t.Logf("%+v", sum)
	if *schedules >= 1000 && (sum.Sent < *schedules || sum.Crashes < *schedules/20 || sum.Restores < *schedules/20 || sum.Outages < *schedules/4 || sum.Refused == 0 || sum.Gone == 0) {
		t.Errorf("the schedules do not play what they should: %+v", sum)
	}
}
