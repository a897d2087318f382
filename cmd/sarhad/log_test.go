package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestLogFlags proves that machines get lines of JSON when they ask, and that light lines can be left out.
func TestLogFlags(t *testing.T) {
	for _, c := range []struct {
		flags logFlags
		want  string
		json  bool
	}{
		{logFlags{"text", "info"}, "info warn", false}, {logFlags{"json", "warn"}, "warn", true},
		{logFlags{"json", "debug"}, "debug info warn", true}, {logFlags{"text", "error"}, "", false},
	} {
		var out bytes.Buffer
		log := c.flags.logger(&out)
		log.Debug("debug")
		log.Info("info")
		log.Warn("warn")
		var got []string
		for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
			for _, word := range []string{"debug", "info", "warn"} {
				if strings.Contains(line, `"msg":"`+word) || strings.Contains(line, "msg="+word) {
					got = append(got, word)
				}
			}
			if c.json != json.Valid([]byte(line)) && line != "" {
				t.Errorf("%+v: %s", c.flags, line)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v, want %s", c.flags, got, c.want)
		}
	}
}
