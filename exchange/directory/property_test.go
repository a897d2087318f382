package directory_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/directory/directorytest"
)

// world is a region with a dishonest operator, who keeps several logs, and perhaps dishonest witnesses, who forget.
type world struct {
	*testing.T
	r         *directorytest.Region
	rnd       *rand.Rand
	logs      []*directorytest.Land
	dishonest []string
	backups   map[string][]*directorytest.Memory
	lives     int
	pool      map[string]directorytest.Machine
	forks     int
}

// halves is how an operator with dishonest witnesses divides the countries: it shows one log to these and another to the rest.
var halves = []string{"KAZ", "UZB"}

// shown reports whether the operator shows a log to a country.
func (w *world) shown(log *directorytest.Land, code string) bool {
	return len(w.dishonest) == 0 || slices.Contains(w.dishonest, code) || slices.Contains(halves, code) == (log == w.logs[0])
}

// TestNobodyBelievesTwoDirectoriesUnseen plays random sequences of statements, cosignings, backups, restores, deliveries and heartbeats
// against an operator who keeps several logs. After heads were exchanged, two nodes either hold one and the same log as far as
// both reach, or one of them says FORK. While all witnesses are honest, restored ones too, there is never a fork.
func TestNobodyBelievesTwoDirectoriesUnseen(t *testing.T) {
	pool := map[string]directorytest.Machine{}
	base := directorytest.NewRegion(t)
	for _, node := range []string{"uzb-a", "kaz-a", "tjk-a"} {
		for _, g := range []string{"1", "2", "3"} {
			pool[node+g] = base.Machine(node, g)
		}
	}
	forks, splits := 0, 0
	for seed := range uint64(24) {
		dishonest := [][]string{nil, {"KGZ"}, {"KGZ", "TJK"}}[seed%3]
		w := newWorld(t, base, seed, dishonest, pool)
		for range 50 {
			w.step()
		}
		split := w.check(seed)
		forks += w.forks
		if split {
			splits++
		}
		if t.Failed() {
			return
		}
	}
	if splits == 0 || forks == 0 {
		t.Errorf("%d runs split and %d heartbeats said fork: the operator is too honest to prove anything", splits, forks)
	}
}

func newWorld(t *testing.T, base *directorytest.Region, seed uint64, dishonest []string, pool map[string]directorytest.Machine) *world {
	r := base.Copy(t)
	w := &world{T: t, r: r, rnd: rand.New(rand.NewPCG(seed, 4)), dishonest: dishonest, backups: map[string][]*directorytest.Memory{}, pool: pool}
	for range 2 {
		log := &directorytest.Land{Code: "KAZ", Store: r.Countries["KAZ"].Store.Copy()}
		r.Reopen(log, "hub")
		w.logs = append(w.logs, log)
	}
	return w
}

func (w *world) country() *directorytest.Land {
	return w.r.Countries[directorytest.Codes[w.rnd.IntN(len(directorytest.Codes))]]
}

func (w *world) step() {
	ctx := w.Context()
	switch n := w.rnd.IntN(20); {
	case n < 6:
		w.speak()
	case n < 13:
		w.cosign()
	case n < 14:
		land := w.country()
		w.backups[land.Code] = append(w.backups[land.Code], land.Store.Copy())
	case n < 15:
		land := w.country()
		if all := w.backups[land.Code]; len(all) > 0 {
			land.Store = all[w.rnd.IntN(len(all))].Copy()
			w.lives++
			w.r.Reopen(land, fmt.Sprintf("life %d", w.lives+1))
		}
	case n < 17:
		from, to := w.country(), w.country()
		if len(w.dishonest) > 0 && slices.Contains(halves, from.Code) != slices.Contains(halves, to.Code) {
			return // the hub carries nothing between the halves
		}
		have, _ := to.Directory.Size()
		if b, err := from.Directory.Missing(ctx, have); err == nil {
			data, err := b.Encode()
			must(w.T, err)
			_, _ = to.Directory.Take(ctx, data)
		}
	case n < 19:
		w.beat(w.country(), w.country())
	default:
		w.r.Time = w.r.Time.Add(time.Hour)
	}
}

// speak lets a registrar say something, in a log that the operator picks.
func (w *world) speak() {
	ctx := w.Context()
	w.r.Keeper = w.logs[w.rnd.IntN(len(w.logs))]
	code := []string{"UZB", "KAZ", "TJK"}[w.rnd.IntN(3)]
	node := map[string]string{"UZB": "uzb-a", "KAZ": "kaz-a", "TJK": "tjk-a"}[code]
	registrar := *w.r.Countries[code].Registrar
	registrar.Directory = w.r.Keeper.Directory // it numbers after what that log says
	if w.rnd.IntN(6) == 0 {
		_ = registrar.Revoke(ctx, node, "lost")
		return
	}
	m := w.pool[node+fmt.Sprint(1+w.rnd.IntN(3))]
	request, err := directory.NewRequest(w.r.Time, registrar.Directory.Identity(), "", directory.Party{ID: node, Type: directory.Node, Country: code, Parent: code + "-PIU",
		Names: directorytest.Names(node), Keys: m.Keys}, m.Sign)
	must(w.T, err)
	q, err := directory.ReadRequest(request)
	must(w.T, err)
	_ = registrar.Introduce(ctx, q.Party) // a key that was revoked is refused
}

// cosign has a log of the operator cosigned by some, and shows the outcome to some.
func (w *world) cosign() {
	ctx := w.Context()
	log := w.logs[w.rnd.IntN(len(w.logs))]
	have, _ := log.Directory.Size()
	var words [][]byte
	for _, i := range w.rnd.Perm(len(directorytest.Codes))[:3+w.rnd.IntN(3)] {
		land := w.r.Countries[directorytest.Codes[i]]
		if !w.shown(log, land.Code) {
			continue
		}
		if slices.Contains(w.dishonest, land.Code) {
			land = log // whatever the operator shows: its witness believes it
			honest := w.r.Countries[directorytest.Codes[i]].Witness
			witness := &directory.Witness{Country: honest.Country, Signer: honest.Signer, Store: directorytest.NewMemory(), Directory: log.Directory, Now: honest.Now, Incarnation: "x"}
			n, root := log.Directory.Size()
			must(w.T, witness.Store.SetDirectoryNote(ctx, "witness/"+witness.Country, []byte(`{"size":`+jsonOf(w.T, n)+`,"root":`+jsonOf(w.T, root)+`,"incarnation":"x"}`)))
			words = w.word(words, witness, log)
			continue
		}
		words = w.word(words, land.Witness, log)
	}
	draft, err := log.Directory.Draft(have)
	must(w.T, err)
	b, err := directory.Join(draft, words...)
	must(w.T, err)
	data, err := b.Encode()
	must(w.T, err)
	if _, err := log.Directory.Take(ctx, data); err != nil {
		return
	}
	for _, i := range w.rnd.Perm(len(directorytest.Codes))[:1+w.rnd.IntN(5)] {
		land := w.r.Countries[directorytest.Codes[i]]
		size, _ := land.Directory.Size()
		if size > have || !w.shown(log, land.Code) {
			continue
		}
		if b, err := log.Directory.Missing(ctx, size); err == nil {
			data, err := b.Encode()
			must(w.T, err)
			_, _ = land.Directory.Take(ctx, data)
		}
	}
}

func (w *world) word(words [][]byte, witness *directory.Witness, log *directorytest.Land) [][]byte {
	have, _ := witness.Directory.Size()
	size, _ := log.Directory.Size()
	draft, err := log.Directory.Draft(min(have, size))
	must(w.T, err)
	data, err := draft.Encode()
	must(w.T, err)
	if word, err := witness.Cosign(w.Context(), data); err == nil {
		words = append(words, word)
	}
	return words
}

// beat exchanges the heads of two nodes and tells whether one says FORK.
func (w *world) beat(a, b *directorytest.Land) bool {
	forked := false
	for range 2 {
		have, _ := b.Directory.Size()
		head, err := a.Directory.Head(have)
		must(w.T, err)
		c, err := b.Directory.Compare(w.Context(), head)
		if err == nil && c.Relation == directory.Forked {
			forked = true
			w.forks++
		}
		a, b = b, a
	}
	return forked
}

// check compares all nodes at the end.
func (w *world) check(seed uint64) (split bool) {
	for i, x := range directorytest.Codes {
		for _, y := range directorytest.Codes[:i] {
			a, b := w.r.Countries[x], w.r.Countries[y]
			forked := w.beat(a, b)
			left, right := leavesOf(w.T, a), leavesOf(w.T, b)
			n := min(len(left), len(right))
			differ := !slices.Equal(left[:n], right[:n])
			if differ && !forked {
				w.Errorf("seed %d: %s and %s believe different directories and neither says so", seed, x, y)
			}
			if forked && !differ {
				w.Errorf("seed %d: %s and %s hold one directory and say fork", seed, x, y)
			}
			if differ && len(w.dishonest) == 0 {
				w.Errorf("seed %d: honest witnesses cosigned two directories, of %s and %s", seed, x, y)
			}
			split = split || differ
		}
	}
	return split
}

func leavesOf(t *testing.T, land *directorytest.Land) []string {
	t.Helper()
	b, err := land.Directory.Missing(t.Context(), 0)
	must(t, err)
	return b.Leaves
}
