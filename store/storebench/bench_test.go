package storebench

import (
	"context"
	"encoding/json"
	"flag"
	"reflect"
	"testing"

	"sarhad/record"
)

var (
	many = flag.Int("store.n", 200, "records of TestBench; the figures are printed with -v")
	at   = flag.String("store.dir", "", "where TestBench puts its directory")
)

// TestBench runs the benchmark small and looks whether every figure was measured; it is no test of speed.
func TestBench(t *testing.T) {
	dir := *at
	if dir == "" {
		dir = t.TempDir()
	}
	res, err := Bench(context.Background(), dir, *many, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(res)
	t.Logf("%s", b)
	v := reflect.ValueOf(res)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		beside := name == "P50" || name == "P99" || name == "Interactive" // nobody comes in so short a time
		if v.Field(i).IsZero() && !beside {
			t.Errorf("%s was not measured", name)
		}
	}
}

// TestGenerator proves that a record is as large as said, and the same from the same seed.
func TestGenerator(t *testing.T) {
	a, b := newGenerator(1000, 5), newGenerator(1000, 5)
	shares := map[string]int{}
	events := 0
	for range 2000 {
		x, y := a.record(), b.record()
		if !reflect.DeepEqual(x, y) {
			t.Fatal("one seed gave two records")
		}
		ix := x.IndexOf()
		events += len(ix.Events)
		if len(ix.Mentions) != 6 || len(ix.Links) != 6 || len(ix.Measures) != 2 || len(ix.Measures[0].Dims) != 5 {
			t.Fatalf("a record says %d mentions, %d links, %d measures", len(ix.Mentions), len(ix.Links), len(ix.Measures))
		}
		for _, o := range officers {
			if allow(o, x.Scope()) {
				shares[o.User]++
			}
		}
	}
	if events != 3000 {
		t.Errorf("%d events in 2000 records", events)
	}
	for user, want := range map[string][2]int{"wide": {1400, 1800}, "typical": {150, 500}, "narrow": {10, 120}} {
		if n := shares[user]; n < want[0] || n > want[1] {
			t.Errorf("%s reads %d of 2000 records", user, n)
		}
	}
	if err := record.CheckClasses(item{}); err != nil {
		t.Error(err)
	}
}
