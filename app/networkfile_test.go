package app_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/collection/passenger"
	"sarhad/exchange/sharing"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/attach"
)

// photo is an invented picture of some 200 KB.
func photo(t *testing.T, seed uint64) []byte {
	t.Helper()
	chance := rand.New(rand.NewPCG(seed, 1))
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for x := range 640 {
		for y := range 480 {
			img.Set(x, y, color.RGBA{uint8(chance.IntN(90) + x/4), uint8(y / 3), 90, 255})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// brought takes a file into a vault, as a user.
func brought(t *testing.T, ctx context.Context, a *app.App, name string, content []byte) record.Attachment {
	t.Helper()
	u, err := a.Vault.Begin(ctx, "test", attach.Begin{Name: name, Size: int64(len(content))})
	if err == nil {
		_, err = a.Vault.Append(ctx, "test", u.ID, 0, bytes.NewReader(content), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	file, err := a.Vault.Finish(ctx, "test", u.ID, attach.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func boss(ctx context.Context, agency string) context.Context {
	return record.WithActor(ctx, record.Actor{User: "boss", Display: "The boss", Agency: agency, Roles: []string{"supervisor"}, Purpose: record.Purpose{Kind: "duty", Text: "test"}})
}

// put stores a record as the node itself.
func (n *netOf) put(at string, rec *record.Record) {
	n.t.Helper()
	ctx := record.WithActor(n.t.Context(), record.Machine("test", ""))
	err := n.apps[at].Store.Update(ctx, func(tx record.Tx) error {
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test", Topic: rec.Handling.Topic, Subject: rec.ID})
	})
	if err != nil {
		n.t.Fatal(err)
	}
}

// attached gives the content of a file at a node, for an officer; "" when it is not there, or not for them.
func (n *netOf) attached(at string, id record.ID, agency string) string {
	a := n.apps[at]
	var file record.Attachment
	err := a.Store.View(boss(n.t.Context(), agency), func(tx record.Tx) (err error) {
		_, file, err = tx.Attached(id)
		return err
	})
	if err != nil {
		return ""
	}
	r, err := a.Vault.Open(file)
	if err != nil {
		n.t.Error(err)
		return ""
	}
	b, err := io.ReadAll(r)
	if err != nil {
		n.t.Error(err)
	}
	return string(b)
}

// TestTenPhotosTravel proves that the files of a shared record arrive whole with it, read in quarantine, are served to whoever may read the
// record and to nobody else, lie encrypted on the way and not at all afterwards, do not go twice, and are gone at both ends of the way
// when the record is recalled.
func TestTenPhotosTravel(t *testing.T) {
	n := newNet(t, [2]string{"KAZ", "kaz-centre"}, [2]string{"UZB", "uzb-centre"})
	a, machine := n.apps["kaz-centre"], record.WithActor(t.Context(), record.Machine("test", ""))
	now := time.Now().UTC().Truncate(time.Millisecond)
	step := sharing.Step{User: "x", Display: "X", At: now}
	n.put("kaz-centre", &record.Record{Owner: record.Owner{Agency: "KAZ-PIU"}, Handling: record.Handling{Marking: "official", Topic: access.Sharing},
		Body: &sharing.Agreement{Side: sharing.Ours, From: "KAZ-PIU", To: "UZB-PIU", Node: "uzb-centre", Topic: access.Passenger, Legal: sharing.Text{En: "Treaty", Ru: "Договор"},
			Classes: []record.Class{record.Plain, record.Identity, record.FreeText}, Until: now.AddDate(1, 0, 0), State: sharing.Agreed, Drafted: step, Agreed: &step}})
	rec := &record.Record{Owner: record.Owner{Agency: "KAZ-PIU"}, Handling: record.Handling{Marking: "official", Topic: access.Passenger}, Occurred: now,
		Body: &passenger.Voyage{Carrier: "ZZ", Number: "101", From: "ALA", To: "TAS", Departs: now.Add(time.Hour), Arrives: now.Add(2 * time.Hour), State: "expected"}}
	contents := map[record.ID]string{}
	for i := range 10 {
		file := brought(t, machine, a, fmt.Sprintf("photo-%d.jpg", i), photo(t, uint64(i)))
		r, err := a.Vault.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		rec.Attachments, contents[file.ID] = append(rec.Attachments, file), string(b)
	}
	n.put("kaz-centre", rec)

	ctx := boss(t.Context(), "KAZ-PIU")
	look, err := a.Sharing.Preview(ctx, rec.ID, []string{"uzb-centre"})
	if err != nil || len(look.For) != 1 || len(look.For[0].Files) != 10 || !look.For[0].Files[0].Goes {
		t.Fatalf("%+v, %v", look, err)
	}
	shares, err := a.Sharing.Send(ctx, sharing.Wish{Record: rec.ID, To: []string{"uzb-centre"}, Editions: []string{look.For[0].Hash}, Purpose: "joint check"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for id, want := range contents {
		until(t, "file "+id.String()+" to be there whole", func() bool { return n.attached("uzb-centre", id, "UZB-PIU") == want })
		if n.attached("uzb-centre", id, "TJK-PIU") != "" {
			t.Error("somebody who may not read the record reads its file")
		}
	}
	t.Logf("ten photos took %v", time.Since(began).Round(time.Millisecond))
	left := func(at, dir string) int {
		entries, err := os.ReadDir(filepath.Join(n.dirs[at], dir))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return len(entries)
	}
	until(t, "nothing of the way to be left", func() bool { return left("kaz-centre", "outgoing")+left("uzb-centre", "staging") == 0 })

	if _, err := a.Sharing.Recall(ctx, []record.ID{shares[0].ID}, "by mistake"); err != nil {
		t.Fatal(err)
	}
	for id := range contents {
		until(t, "the file to be gone", func() bool { return n.attached("uzb-centre", id, "UZB-PIU") == "" })
	}
	if got := n.attached("kaz-centre", rec.Attachments[0].ID, "KAZ-PIU"); got == "" {
		t.Error("the owner's file went with the recall")
	}
}
