package vaultbench

import (
	"context"
	"reflect"
	"testing"
)

// TestBench runs the benchmark small and looks whether every figure was measured; it is no test of speed.
func TestBench(t *testing.T) {
	res, err := Bench(context.Background(), t.TempDir(), 2, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := reflect.ValueOf(res)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() != (name == "Losses") {
			t.Errorf("%s is %v", name, v.Field(i))
		}
	}
}
