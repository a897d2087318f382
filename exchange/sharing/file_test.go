package sharing

import (
	"testing"

	"sarhad/record"
)

// TestHomeNeverLeaves proves for every class, with an agreement that names them all, that home and source stay, and identity and
// free text where a minor is named.
func TestHomeNeverLeaves(t *testing.T) {
	all := []record.Class{record.Plain, record.Identity, record.Home, record.Sensitive, record.Source, record.FreeText}
	g := &Agreement{Classes: append([]record.Class{"invented"}, all...), Kinds: []KindRule{{Kind: "k", Only: []string{"x"}}}}
	for _, kind := range []string{"k", "other"} {
		for _, c := range append(all, "invented", "") {
			for _, minor := range []bool{false, true} {
				goes, why := word(g, kind, minor, "x.0.y", c)
				want := c == record.Plain || c == record.Sensitive || !minor && (c == record.Identity || c == record.FreeText)
				if goes != want || why.Code == "" || why.Text == "" {
					t.Errorf("class %q, minor %v: %v because %+v", c, minor, goes, why)
				}
			}
		}
	}
}

// TestFilesGoByReference proves that files go only as strictly as free text, the small picture first, never with what the
// envelope says of our chunks, and that they stay where nothing carries them.
func TestFilesGoByReference(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one", "uz-one")
	kz, kg := w.nodes["kz-one"], w.nodes["kg-one"]
	kz.agrees("kg-one", generous)
	kz.agrees("uz-one", nil)
	rec := kz.about(aSecret())
	rec.Attachments = []record.Attachment{{ID: record.ID{5}, Name: "passport.jpg", Type: "image/jpeg", Size: 10, Hash: "aa", Sums: "SEALED-SUMS", ChunkSize: 10,
		Chunks: []string{"00000000000000000000000000000000000000000000000000000000000000aa"},
		Small:  &record.Rendition{Chunk: "00000000000000000000000000000000000000000000000000000000000000bb", Type: "image/jpeg", Size: 3}}}
	line := kz.told(rec, "kg-one")
	if len(line.Files) != 1 || line.Files[0].Goes || line.Files[0].Why.Code != NoWay {
		t.Errorf("without a carrier: %+v", line.Files)
	}
	var sent []string
	kz.SendFile = func(_ record.Tx, to string, about record.ID, f record.Attachment, small bool) (string, error) {
		ref := "whole"
		if small {
			ref = "small"
		}
		sent = append(sent, to+" "+ref)
		return ref, nil
	}
	if got := kz.told(rec, "uz-one"); got.Files[0].Goes || got.Files[0].Why.Code != NotAgreed {
		t.Errorf("without free text: %+v", got.Files)
	}
	rec.ID = record.ID{0x01, 0x99, 1}
	rec.Revision, rec.Writer, rec.Created = record.Revision{Number: 1}, "kz-one", w.now()
	told := kz.told(rec, "kg-one")
	kz.must(kz.Store.Update(kz.machine(), func(tx record.Tx) error {
		if _, err := kz.view(tx).dispatch(rec, told, &Share{}, "boss"); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	}))
	out := kz.out
	kz.out = nil
	for _, d := range out {
		if d.To == "kg-one" {
			kg.take("kz-one", d)
		}
	}
	h := kg.holdingOf(rec.ID, "kz-one")
	if h == nil || len(h.Files) != 1 || h.Files[0].Small != "small" || h.Files[0].Ref != "whole" || h.Files[0].Name != "passport.jpg" {
		t.Fatalf("%+v, %v", h, kg.refused)
	}
	if len(kg.finds("SEALED-SUMS")) > 0 || len(kg.read(rec.ID).Attachments) > 0 {
		t.Error("what the envelope says of our chunks went along")
	}
	if len(sent) != 2 || sent[0] != "kg-one small" {
		t.Errorf("%v", sent)
	}
}
