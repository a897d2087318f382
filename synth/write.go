package synth

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// WriteDir writes the region as files:
//
//	messages/history/*.edi   flights before tonight
//	messages/*.edi           tonight's flights; names sort by arrival
//	lists/national.csv, lists/un_consolidated_DATE.xml (two dates), lists/sdn.csv, lists/alt.csv, lists/add.csv
//	truth.json               the only place that says who is who
//
// Existing files of the same name are replaced; others stay.
func (r *Region) WriteDir(dir string) error {
	for _, sub := range []string{"messages/history", "lists"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return fmt.Errorf("synth: %w", err)
		}
	}
	files := map[string][]byte{}
	for _, m := range r.Messages() {
		sub := "messages"
		if m.Flight.History {
			sub = "messages/history"
		}
		files[filepath.Join(sub, m.Name)] = m.Body
	}
	for name, body := range r.ListFiles() {
		files[filepath.Join("lists", name)] = body
	}
	truth, err := json.MarshalIndent(r.Truth, "", " ")
	if err != nil {
		return fmt.Errorf("synth: truth: %w", err)
	}
	files["truth.json"] = append(truth, '\n')
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o644); err != nil {
			return fmt.Errorf("synth: %w", err)
		}
	}
	return nil
}

// ListFiles gives the files of the three lists by name.
func (r *Region) ListFiles() map[string][]byte {
	l := &r.Lists
	sdn, alt, add := l.OFACFiles()
	return map[string][]byte{
		l.nationalFile():         l.NationalCSV(),
		l.unFile(l.UNBeforeDate): l.UNXML(l.UNBefore, l.UNBeforeDate),
		l.unFile(l.UNDate):       l.UNXML(l.UN, l.UNDate),
		"sdn.csv":                sdn, "alt.csv": alt, "add.csv": add,
	}
}
