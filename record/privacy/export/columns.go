package export

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sarhad/record"
)

// Columns that every record has, whatever its kind. Their names cannot be those of a body's fields.
const (
	ColumnID       = "@id"
	ColumnKind     = "@kind"
	ColumnTitle    = "@title"
	ColumnState    = "@state"
	ColumnOccurred = "@occurred"
	ColumnChanged  = "@changed"
	ColumnMarking  = "@marking"
	ColumnAgency   = "@agency"
	ColumnRaw      = "@raw" // of a body that this program does not know: at its strictest class
)

// envelope are the columns of the envelope.
var envelope = []Column{
	{Code: ColumnTitle, Class: record.Identity}, {Code: ColumnState, Class: record.Plain}, {Code: ColumnKind, Class: record.Plain},
	{Code: ColumnOccurred, Class: record.Plain}, {Code: ColumnChanged, Class: record.Plain}, {Code: ColumnMarking, Class: record.Plain},
	{Code: ColumnAgency, Class: record.Plain}, {Code: ColumnID, Class: record.Plain},
}

// ColumnsOf gives every column that records can fill, in their order: those of the envelope, then the fields of their bodies.
// A field that has one class in one body and another in another has the strictest.
func ColumnsOf(recs []*record.Record) []Column {
	out := slices.Clone(envelope)
	at := map[string]int{}
	for _, r := range recs {
		if r.Body == nil {
			add(&out, at, Column{Code: ColumnRaw, Class: record.Strictest})
			continue
		}
		walk(r, func(code string, f record.Field) { add(&out, at, Column{Code: code, Class: f.Class}) })
	}
	return out
}

func add(out *[]Column, at map[string]int, c Column) {
	i, known := at[c.Code]
	switch {
	case !known:
		at[c.Code] = len(*out)
		*out = append(*out, c)
	case slices.Contains(strict, c.Class) && !slices.Contains(strict, (*out)[i].Class):
		(*out)[i].Class = c.Class
	}
}

// walk visits the fields of a body with their columns: "documents.0.number" stands in "documents.number".
func walk(r *record.Record, visit func(code string, f record.Field)) {
	// The visit never fails, and a body without maps cannot make the walker fail: the house test checks that.
	_ = record.Walk(r.Body, func(f record.Field) error {
		parts := slices.DeleteFunc(strings.Split(f.Path, "."), func(p string) bool { _, err := strconv.Atoi(p); return err == nil })
		visit(strings.Join(parts, "."), f)
		return nil
	})
}

// CellsOf gives the cells of a record. Several values of a column are divided by "; ".
func CellsOf(r *record.Record, columns []Column) []string {
	said := map[string][]string{}
	if r.Body != nil {
		walk(r, func(code string, f record.Field) { said[code] = append(said[code], textOf(f)) })
	}
	ix := r.IndexOf()
	for code, v := range map[string]string{
		ColumnID: r.ID.String(), ColumnKind: r.Kind, ColumnTitle: ix.Title, ColumnState: ix.State, ColumnOccurred: moment(r.Occurred),
		ColumnChanged: moment(r.Received), ColumnMarking: r.Handling.Marking, ColumnAgency: r.Owner.Agency,
	} {
		said[code] = []string{v}
	}
	if r.Body == nil {
		said[ColumnRaw] = []string{strings.ToValidUTF8(string(r.Raw), "\uFFFD")}
	}
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = strings.Join(said[c.Code], "; ")
	}
	return out
}

func textOf(f record.Field) string {
	switch v := f.Value.Interface().(type) {
	case time.Time:
		return moment(v)
	case fmt.Stringer:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// maxTitle is how long the title of a column may be, in letters.
const maxTitle = 60

// chosen gives the columns of a wish with the classes that the records say, in the order of the wish. One that no record can
// fill is an Invalid error.
func chosen(recs []*record.Record, wish []Column) ([]Column, error) {
	all := ColumnsOf(recs)
	var out []Column
	for _, w := range wish {
		is := func(c Column) bool { return c.Code == w.Code }
		i := slices.IndexFunc(all, is)
		switch {
		case i < 0:
			return nil, record.Errorf(record.Invalid, "none of the records has a column %.40q; look at the columns again", w.Code)
		case slices.ContainsFunc(out, is):
			continue
		case len([]rune(w.Title)) > maxTitle:
			return nil, record.Errorf(record.Invalid, "the title of a column has at most %d letters", maxTitle)
		}
		out = append(out, Column{w.Code, all[i].Class, w.Title})
	}
	if len(out) == 0 {
		return nil, record.Errorf(record.Invalid, "choose at least one column")
	}
	return out, nil
}

// needsSecond says whether somebody else must agree.
func needsSecond(rows int, columns []Column) bool {
	return rows > Limit || slices.ContainsFunc(columns, func(c Column) bool { return slices.Contains(strict, c.Class) })
}

// highest is the strictest marking of records.
func highest(recs []*record.Record) string {
	best, level := "", -1
	for _, r := range recs {
		if l, _ := record.MarkingLevel(r.Handling.Marking); l > level {
			best, level = r.Handling.Marking, l
		}
	}
	return best
}

// Strict says whether a class needs a second person, whatever the number of rows.
func Strict(c record.Class) bool { return slices.Contains(strict, c) }
