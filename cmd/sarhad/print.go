package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"

	"sarhad/record/access"
	"sarhad/web/api"
)

// json prints one JSON object in one line.
func (e *env) json(v any) error {
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func errorsJoin(a, b error) error {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	return errors.Join(a, b)
}

func (e *env) matrix(asJSON bool) error {
	m := access.TheMatrix()
	if asJSON {
		return e.json(m)
	}
	w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
	fmt.Fprint(w, "topic\taction")
	for _, r := range m.Roles {
		fmt.Fprint(w, "\t", r)
	}
	fmt.Fprintln(w)
	for _, row := range m.Rows {
		fmt.Fprintf(w, "%s\t%s", row.Topic, row.Action)
		for _, c := range row.Cells {
			fmt.Fprint(w, "\t", c)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

type apiCmd struct{}

// Run prints the document that the workbench is built from.
func (apiCmd) Run(e *env) error {
	b, err := api.OpenAPI()
	if err != nil {
		return err
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
