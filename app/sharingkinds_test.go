package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/exchange/sharing"
	"sarhad/record"
	"sarhad/record/access"
)

// filler fills bodies of any kind with values that are found again.
type filler struct{ n int }

func (f *filler) fill(v reflect.Value, depth int) {
	f.n++
	switch {
	case depth > 8:
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2031, 1, 1, 0, 0, f.n, 0, time.UTC)))
	case v.Type() == reflect.TypeFor[record.ID]():
		v.Set(reflect.ValueOf(record.ID{0x01, 0x99, byte(f.n >> 8), byte(f.n)}))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), depth+1)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				f.fill(v.Field(i), depth+1)
			}
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		v.SetBytes([]byte("bytes" + strconv.Itoa(f.n)))
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0), depth+1)
		f.fill(v.Index(1), depth+1)
	case v.Kind() == reflect.String:
		v.SetString(fmt.Sprintf("Qx%dz", f.n))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(int64(f.n))
	case v.CanFloat():
		v.SetFloat(float64(f.n) + 0.5)
	}
}

// leaf is one value and the path to it, without places in lists.
type leaf struct{ path, value string }

func bare(path string) string {
	parts := slices.DeleteFunc(strings.Split(path, "."), func(p string) bool { _, err := strconv.Atoi(p); return err == nil })
	return strings.Join(parts, ".")
}

func leaves(t *testing.T, b record.Body) (out []leaf) {
	t.Helper()
	if err := record.Walk(b, func(f record.Field) error {
		value := fmt.Sprint(f.Value.Interface())
		switch x := f.Value.Interface().(type) {
		case time.Time:
			value = x.UTC().Format(time.RFC3339)
		case record.ID:
			value = x.String()
		}
		out = append(out, leaf{bare(f.Path), value})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func sorted(all []leaf) []leaf {
	slices.SortFunc(all, func(a, b leaf) int { return strings.Compare(a.path+"\x00"+a.value, b.path+"\x00"+b.value) })
	return all
}

// sharer is a node that sends into the test.
type sharer struct {
	*app.App
	t    *testing.T
	sent []record.Dispatch
}

func (s *sharer) officer(user string) context.Context {
	return record.WithActor(s.t.Context(), record.Actor{User: user, Display: user, Agency: "KAZ-PIU", Roles: []string{"supervisor"}, Purpose: record.Purpose{Kind: "duty", Text: "t"}})
}

func (s *sharer) agree(classes []record.Class, rule sharing.KindRule) {
	s.t.Helper()
	e, err := s.Sharing.Draft(s.officer("a"), sharing.Agreement{To: "KGZ-PIU", Node: "kg-one", Topic: access.Passenger, Legal: sharing.Text{En: "x", Ru: "x"}, Classes: classes,
		Kinds: []sharing.KindRule{rule}, Until: time.Now().AddDate(1, 0, 0)})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.Sharing.Agree(s.officer("b"), e.ID, nil); err != nil {
		s.t.Fatal(err)
	}
}

// store keeps a body as it is, valid or not.
func (s *sharer) store(b record.Body) *record.Record {
	s.t.Helper()
	raw, err := json.Marshal(b)
	if err != nil {
		s.t.Fatal(err)
	}
	rec := &record.Record{Kind: b.Kind(), Version: b.Version(), Owner: record.Owner{Agency: "KAZ-PIU"}, Handling: record.Handling{Marking: "official", Topic: access.Passenger}, Raw: raw}
	err = s.Store.Update(record.WithActor(s.t.Context(), record.Machine("test", "")), func(tx record.Tx) error {
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return rec
}

// TestThePreviewIsTheEdition proves over every kind of this program, with random agreements: what the preview says goes is what
// the edition holds, value by value; what it says stays is nowhere in its bytes; nothing of class home or source ever goes; and
// the node's own housekeeping does not go at all.
func TestThePreviewIsTheEdition(t *testing.T) {
	a, _ := quietNode(t, "kz-one")
	s := &sharer{App: a, t: t}
	a.Sharing.Directory = partners{"kz-one"}
	a.Sharing.Dispatch = func(_ record.Tx, d *record.Dispatch) error { s.sent = append(s.sent, *d); return nil }
	rng := rand.New(rand.NewPCG(1, 2))
	all := []record.Class{record.Plain, record.Sensitive, record.Identity, record.FreeText}
	kinds := 0
	for _, kind := range app.Types().Each() {
		if _, ok := kind.(record.HandoverBody); ok { // cannot be stored without what it hands over
			continue
		}
		_, house := kind.(record.HouseBody)
		fill := &filler{}
		fill.fill(reflect.ValueOf(kind).Elem(), 0)
		stays := house || strings.HasPrefix(kind.Kind(), "record.")
		if !stays {
			kinds++
		}
		fields := map[string]record.Class{}
		for _, f := range record.FieldTypes(kind) {
			fields[f.Path] = f.Class
		}
		_ = record.Walk(kind, func(f record.Field) error { // who drafts is told every field that there can be
			if c, ok := fields[bare(f.Path)]; !ok || c != f.Class {
				t.Errorf("%s: %s of class %s is told as %q", kind.Kind(), f.Path, f.Class, c)
			}
			return nil
		})
		for round := range 6 {
			classes := []record.Class{all[rng.IntN(len(all))]}
			if round == 0 {
				classes = all
			}
			for _, c := range all {
				if rng.IntN(2) == 0 && !slices.Contains(classes, c) {
					classes = append(classes, c)
				}
			}
			every := leaves(t, kind)
			pick := func() (out []string) {
				for range rng.IntN(4) {
					out = append(out, every[rng.IntN(len(every))].path)
				}
				return out
			}
			rule := sharing.KindRule{Kind: kind.Kind()}
			if round > 2 {
				rule.Except = pick()
			}
			if round > 3 {
				rule.Only = pick()
			}
			s.agree(classes, rule)
			s.compare(kind, stays)
			if t.Failed() {
				t.Fatalf("%s@%d, %v, %+v", kind.Kind(), kind.Version(), classes, rule)
			}
		}
	}
	if told := sharing.Kinds(app.Types()); len(told) != kinds {
		t.Errorf("%d kinds are told to who drafts, %d can be shared", len(told), kinds)
	}
	if kinds < 6 {
		t.Errorf("only %d kinds were tried", kinds)
	}
}

// compare previews, sends and compares one record of a kind.
func (s *sharer) compare(kind record.Body, stays bool) {
	t := s.t
	t.Helper()
	rec := s.store(kind)
	p, err := s.Sharing.Preview(s.officer("a"), rec.ID, []string{"kg-one"})
	if err != nil {
		t.Fatal(err)
	}
	told := p.For[0]
	var goes, remain []leaf
	for _, f := range told.Fields {
		l := leaf{bare(f.Path), f.Value}
		if f.Goes {
			goes = append(goes, l)
		} else {
			remain = append(remain, l)
		}
		if f.Goes && (f.Class == record.Home || f.Class == record.Source) {
			t.Errorf("%s of class %s goes", f.Path, f.Class)
		}
	}
	if len(goes)+len(remain) != len(leaves(t, kind)) {
		t.Errorf("the preview tells %d fields of %d", len(goes)+len(remain), len(leaves(t, kind)))
	}
	if stays || len(goes) == 0 {
		if told.Goes() || stays && told.Stays[0].Code != sharing.HouseOnly {
			t.Errorf("goes: %+v", told.Stays)
		}
		return
	}
	s.sent = nil
	if _, err := s.Sharing.Send(s.officer("a"), sharing.Wish{Record: rec.ID, To: []string{"kg-one"}, Editions: []string{told.Hash}, Purpose: "joint check"}, nil); err != nil {
		t.Fatal(err)
	}
	_, line, _ := bytes.Cut(s.sent[0].Content, []byte("\n"))
	ed, err := record.ReadWire(line)
	if err != nil || ed.Hash() != told.Hash || ed.Kind != kind.Kind() {
		t.Fatalf("%v, %+v", err, ed)
	}
	body, err := app.Types().Decode(ed.Kind, ed.Version, ed.Raw)
	if err != nil || body == nil {
		t.Fatal(err)
	}
	if got, want := sorted(leaves(t, body)), sorted(goes); !slices.Equal(got, want) {
		t.Errorf("the edition holds\n%v\nthe preview says\n%v", got, want)
	}
	for _, l := range remain {
		if strings.HasPrefix(l.value, "Qx") && bytes.Contains(s.sent[0].Content, []byte(l.value)) {
			t.Errorf("%s stays and is in the bytes", l.path)
		}
	}
}
