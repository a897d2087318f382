package directory

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sarhad/record"
)

// WriteText writes the directory as plain text, for the day on which nothing else runs: who is who and whom to call. lang is "en" or
// "ru" and chooses the names; the frame is in both languages.
func (d *Directory) WriteText(w io.Writer, lang string, now time.Time) error {
	var b strings.Builder
	f := d.Fresh(now)
	countries, quorum := d.Members()
	size, root := d.Size()
	fmt.Fprintf(&b, "SARHAD DIRECTORY / СПРАВОЧНИК  %s\n", d.Name())
	fmt.Fprintf(&b, "written / составлен  %s UTC\ncosigned / заверен    %s UTC, %d statements, root %.12s\nmembers / участники   %s, quorum %d\n",
		day(now), day(f.Cosigned), size, root, strings.Join(countries, " "), quorum)
	if f.Why != "" {
		fmt.Fprintf(&b, "\n! %s\n", f.Why)
	}
	last := ""
	for _, e := range d.Parties() {
		if e.Country != last {
			fmt.Fprintf(&b, "\n== %s ==\n", e.Country)
			last = e.Country
		}
		writeEntry(&b, e, lang)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeEntry(b *strings.Builder, e Entry, lang string) {
	fmt.Fprintf(b, "\n%-8s %s  %s\n", e.Type, e.ID, e.Names.In(lang))
	if e.Names.Own != "" {
		fmt.Fprintf(b, "         %s\n", e.Names.Own)
	}
	if e.State != Current {
		fmt.Fprintf(b, "         ! %s\n", e.Why)
	}
	if e.Type.HasKeys() {
		fmt.Fprintf(b, "         of %s, until %s UTC, keys %s\n", e.Parent, day(e.Until), strings.Join(keyIDs(e.Keys), " "))
	}
	for _, a := range e.Addresses {
		fmt.Fprintf(b, "         address %s\n", a)
	}
	for _, p := range e.People {
		writePerson(b, p, lang)
	}
}

func writePerson(b *strings.Builder, p Person, lang string) {
	fmt.Fprintf(b, "         %-7s %s  %s", p.Role, p.Names.In(lang), strings.Join(p.Phones, ", "))
	if p.Hours != "" {
		fmt.Fprintf(b, "  %s %s", p.Hours, p.Zone)
	}
	if len(p.Languages) > 0 {
		fmt.Fprintf(b, "  (%s)", strings.Join(p.Languages, ", "))
	}
	if p.Deputy != "" {
		fmt.Fprintf(b, "  deputy: %s", p.Deputy)
	}
	b.WriteByte('\n')
}

// In is the name in a language: "ru", "own", else English.
func (n Names) In(lang string) string {
	switch {
	case lang == "ru":
		return n.Ru
	case lang == "own" && n.Own != "":
		return n.Own
	}
	return n.En
}

func keyIDs(k Keys) (out []string) {
	for _, u := range Uses {
		for _, text := range k.Of(u) {
			out = append(out, string(u)+":"+KeyID(text))
		}
	}
	return out
}

// Report is what Verify finds.
type Report struct {
	Size      int64    `json:"size"`
	Root      string   `json:"root"`
	Cosigned  []string `json:"cosigned"` // countries under the newest checkpoint
	Parties   int      `json:"parties"`
	Waiting   int      `json:"waiting"` // statements without cosignatures
	Freshness string   `json:"freshness,omitempty"`
	Fork      bool     `json:"fork"`
}

// Verify reads the store anew and checks every statement, the tree and the newest checkpoint, as Open does.
func (d *Directory) Verify() (Report, error) {
	size, root := d.Size()
	if size == 0 {
		return Report{}, record.Errorf(record.NotFound, "this node has no directory yet: accept an invitation, or begin one")
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	r := Report{Size: size, Root: root.String(), Parties: len(d.state.parties), Waiting: len(d.waiting), Freshness: d.fresh(d.now()).Why, Fork: d.fork != nil}
	for _, c := range d.head.By {
		r.Cosigned = append(r.Cosigned, c.Country)
	}
	slices.Sort(r.Cosigned)
	return r, nil
}
