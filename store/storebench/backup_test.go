package storebench

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
)

// TestBackup runs the benchmark small and looks whether every figure was measured; it is no test of speed.
func TestBackup(t *testing.T) {
	res, err := Backup(context.Background(), t.TempDir(), 300, 1, 64<<10, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(res)
	t.Logf("%s", b)
	v := reflect.ValueOf(res)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		beside := name == "P50" || name == "P99" // nobody comes in so short a time
		if v.Field(i).IsZero() && !beside {
			t.Errorf("%s was not measured", name)
		}
	}
	if res.IncrementalMB > res.SetMB || res.OneMB > res.SetMB {
		t.Errorf("a little more was written than everything: %s", b)
	}
}
