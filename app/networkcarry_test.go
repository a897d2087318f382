package app_test

import (
	"bytes"
	"strings"
	"testing"

	"sarhad/record"
)

// TestOneFileCarriesAll proves that what waits goes into one marked file and is taken in from it, also when the file was cut off; and that
// anything else is refused with a sentence.
func TestOneFileCarriesAll(t *testing.T) {
	n := newNet(t, [2]string{"KAZ", "kaz-centre"}, [2]string{"UZB", "uzb-centre"})
	n.stop("hub")
	for _, text := range []string{"one", "two"} {
		n.say("kaz-centre", "uzb-centre", record.Routine, text)
	}
	ctx := record.WithActor(t.Context(), record.Machine("test", ""))
	var file bytes.Buffer
	until(t, "both to be sealed", func() bool {
		file.Reset()
		out, err := n.apps["kaz-centre"].ExportFile(ctx, &file)
		if err != nil {
			t.Fatal(err)
		}
		return out.Count >= 2
	})
	at := n.apps["uzb-centre"]
	if _, err := at.ImportFile(ctx, strings.NewReader("a letter")); record.KindOf(err) != record.Invalid || !strings.Contains(record.MessageOf(err), "no file of messages") {
		t.Errorf("what is no such file: %v", err)
	}
	cut, err := at.ImportFile(ctx, bytes.NewReader(file.Bytes()[:file.Len()/2]))
	if err != nil || cut.Indexes != 0 {
		t.Errorf("cut off: %+v, %v", cut, err)
	}
	in, err := at.ImportFile(ctx, &file)
	if err != nil || in.Indexes != 1 || len(in.Damaged) > 0 || cut.New+in.New != 2 {
		t.Errorf("%+v after %+v, %v", in, cut, err)
	}
	if got := n.arrivals("uzb-centre", "kaz-centre", "test"); len(got) != 2 {
		t.Errorf("%d messages came", len(got))
	}
}
