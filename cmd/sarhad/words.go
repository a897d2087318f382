package main

import (
	"fmt"

	"sarhad/record"
)

// number writes a count with its word: "1 entry", "2 entries".
func number[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// count is number for a word that takes an s: "1 message", "0 messages".
func count[N int | int64](n N, one string) string { return number(n, one, one+"s") }

// purposeHint stands behind every refusal for a missing purpose that somebody reads on the command line.
const purposeHint = `Add --purpose "..."; it is written into the log.`

// purposed refuses a command that opens or takes out named data when nobody said why.
func (e *env) purposed() error {
	if e.purpose != "" {
		return nil
	}
	return record.NeedPurpose()
}

// size writes bytes for people.
func size(n int64) string {
	switch {
	case n >= 10_000_000_000:
		return fmt.Sprintf("%.0f GB", float64(n)/1e9)
	case n >= 1_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.0f kB", float64(n)/1e3)
}
