package exchangebench_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sarhad/app/exchangebench"
)

// TestRun proves that what the measurement counts is what went in and came out, once each, and that it writes both down.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	evidence := filepath.Join(dir, "evidence")
	res, err := exchangebench.Run(t.Context(), exchangebench.Config{Dir: dir, N: 20, Rate: 100, Backlog: 20, Evidence: evidence})
	if err != nil {
		t.Fatal(err)
	}
	if res.Lost != 0 || res.Duplicated != 0 || res.P50ms <= 0 || res.RatePerS <= 0 || res.CatchUpS <= 0 {
		t.Errorf("measured %+v", res)
	}
	for _, name := range []string{"ids-in.txt", "ids-out.txt"} {
		data, err := os.ReadFile(filepath.Join(evidence, name))
		if err != nil || bytes.Count(data, []byte("\n")) != 61 {
			t.Errorf("%s has %d lines, %v; want 61", name, bytes.Count(data, []byte("\n")), err)
		}
	}
}
