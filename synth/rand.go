package synth

import (
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// dice is a stream of chance for one part of the region. Each part has its own, so that a change in one (another
// passenger on one flight) does not change the rest.
type dice struct{ *rand.Rand }

// newDice gives the stream of a named part. PCG is specified and does not change between Go releases.
func newDice(seed uint64, part string) dice {
	h := fnv.New64a()
	h.Write([]byte(part))
	return dice{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// percent is true p times in a hundred.
func (d dice) percent(p int) bool { return d.IntN(100) < p }

// between gives a number from low to high, both included.
func (d dice) between(low, high int) int { return low + d.IntN(high-low+1) }

// day gives a day from the first to the last, both included.
func (d dice) day(first, last time.Time) time.Time {
	days := int(last.Sub(first).Hours()/24) + 1
	return first.AddDate(0, 0, d.IntN(max(days, 1)))
}

func pick[T any](d dice, list []T) T { return list[d.IntN(len(list))] }

// weighted picks an index in proportion to the weights.
func (d dice) weighted(weights []int) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	at := d.IntN(total)
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func date(t time.Time) string { return t.Format(time.DateOnly) }
