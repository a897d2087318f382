package audit

import (
	"testing"
	"time"

	"sarhad/record"
)

// unsigned is an act of a release that knew no signatures, with all its fields.
var unsigned = record.Act{
	Number: 7, At: time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC), User: "0195bd2c-0000-7000-8000-000000000900", Role: "analyst",
	Agency: "KAZ-PIU", Place: "ALA", Action: "decide", Topic: "hit", Subject: record.ID{1, 2, 3}, Count: 1, IDs: "ab",
	Purpose: record.Purpose{Kind: "hit", Ref: "r", Text: "possible match", Since: time.Date(2026, 3, 2, 19, 0, 0, 0, time.UTC)},
	Verdict: "confirmed", Reason: "document", Took: 31 * time.Second,
}

// TestOldLeavesStay proves that an act without a signature has the leaf it had before there were any: else every log of
// yesterday would look rewritten.
func TestOldLeavesStay(t *testing.T) {
	for _, c := range []struct {
		act  record.Act
		want string
	}{
		{unsigned, "UbnNDGGFtUZTV6v+3utGsvxPE8PYmnrHprtQhQCK8dI="},
		{record.Act{Number: 1, User: "machine:screening", Action: "screen"}, "cmXzy8WGHyF9+aBH/+DP2bn5z/O7wFkJw0WE6qlFBto="},
	} {
		leaf, err := LeafOf(c.act, []byte("0123456789abcdef"))
		if err != nil || leaf.String() != c.want {
			t.Errorf("act %d: leaf %s, want %s; %v", c.act.Number, leaf, c.want, err)
		}
	}
}
