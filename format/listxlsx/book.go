package listxlsx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"sarhad/format/archive"
	"sarhad/format/listcsv"
	"sarhad/format/xmlguard"
)

// book is an open spreadsheet.
type book struct {
	file     string
	parts    *archive.Archive
	sheets   []sheet
	from1904 bool
	texts    []string // shared strings
	formats  []string // the number format of each style; "" = none that tells
}

type sheet struct {
	name   string
	part   string
	hidden bool
}

func open(r io.ReaderAt, size int64, file string) (*book, error) {
	a, err := archive.Open(r, size, archive.Limits{Total: maxUnfolded, File: maxPart})
	if err != nil {
		return nil, refused(file, err)
	}
	b := &book{file: file, parts: a}
	names := a.Names()
	if slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(strings.ToLower(n), "vbaproject.bin") }) {
		return nil, &listcsv.Error{File: file, Problem: "the spreadsheet holds macros", Remedy: "save it as .xlsx without macros, or as CSV"}
	}
	if !slices.Contains(names, workbookPart) {
		return nil, &listcsv.Error{File: file, Problem: "the archive is no spreadsheet", Remedy: "give the list as .xlsx or CSV"}
	}
	for _, read := range []func() error{b.readWorkbook, b.readTexts, b.readStyles} {
		if err := read(); err != nil {
			return nil, refused(file, err)
		}
	}
	return b, nil
}

const (
	workbookPart = "xl/workbook.xml"
	linksPart    = "xl/_rels/workbook.xml.rels"
)

// decoder reads a part. A part that does not exist is empty.
func (b *book) decoder(part string) (*xml.Decoder, error) {
	data, err := b.parts.Read(part)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = nil, nil
	}
	return xml.NewDecoder(xmlguard.NewReader(bytes.NewReader(data), xmlguard.Limits{})), err
}

// guarded gives the sentence of the guard if it ended the reading.
func guarded(err error) string {
	var g *xmlguard.Error
	if errors.As(err, &g) {
		return g.Problem
	}
	return ""
}

// attr is the value of an attribute, whatever its name space.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// elements calls fn for each element of a part; fn may read on.
func (b *book) elements(part string, fn func(d *xml.Decoder, e xml.StartElement) error) error {
	d, err := b.decoder(part)
	if err != nil {
		return err
	}
	for {
		t, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := fn(d, e); err != nil {
				return err
			}
		}
	}
}

func (b *book) readWorkbook() error {
	links := map[string]string{}
	err := b.elements(linksPart, func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local == "Relationship" && attr(e, "TargetMode") != "External" {
			target := attr(e, "Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join("xl", target)
			}
			links[attr(e, "Id")] = strings.TrimPrefix(target, "/")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.elements(workbookPart, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			b.from1904 = truth(attr(e, "date1904"))
		case "sheet":
			if part := links[relation(e)]; part != "" && !strings.HasPrefix(part, "xl/chartsheets/") {
				state := attr(e, "state")
				b.sheets = append(b.sheets, sheet{attr(e, "name"), part, state != "" && state != "visible"})
			}
		}
		return nil
	})
}

// relation is r:id, which is not the sheet's own id.
func relation(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

func truth(s string) bool { return s == "1" || s == "true" || s == "on" }

func (b *book) readTexts() error {
	return b.elements("xl/sharedStrings.xml", func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		s, err := text(d)
		b.texts = append(b.texts, s)
		return err
	})
}

// text reads the text of an element whose start was read: all its <t>, without how words are pronounced (<rPh>).
func text(d *xml.Decoder) (string, error) {
	var out strings.Builder
	take := 0
	for depth := 1; depth > 0; {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "rPh" {
				if err := d.Skip(); err != nil {
					return "", err
				}
				continue
			}
			depth++
			if t.Name.Local == "t" {
				take = depth
			}
		case xml.EndElement:
			if depth == take {
				take = 0
			}
			depth--
		case xml.CharData:
			if take > 0 {
				out.Write(t)
			}
		}
	}
	return out.String(), nil
}

// builtin are the date formats that have a number and no text (ECMA-376 18.8.30), as far as they tell year, month and day.
var builtin = map[int]string{14: "yyyy-mm-dd", 15: "dd-mm-yy", 16: "dd-mm", 17: "mm-yy", 22: "yyyy-mm-dd h:mm"}

func (b *book) readStyles() error {
	custom := map[int]string{}
	within := false
	return b.elements("xl/styles.xml", func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			if id, err := strconv.Atoi(attr(e, "numFmtId")); err == nil {
				custom[id] = attr(e, "formatCode")
			}
		case "cellXfs":
			within = true
		case "cellStyleXfs", "cellStyles", "dxfs":
			within = false
		case "xf":
			if within {
				id, _ := strconv.Atoi(attr(e, "numFmtId"))
				format, ok := custom[id]
				if !ok {
					format = builtin[id]
				}
				b.formats = append(b.formats, format)
			}
		}
		return nil
	})
}

// tell is an error about a cell.
func (b *book) tell(s sheet, row, column int, remedy, format string, args ...any) error {
	e := &listcsv.Error{File: b.file, Sheet: s.name, Line: row, Problem: fmt.Sprintf(format, args...), Remedy: remedy}
	if column >= 0 {
		e.Cell = listcsv.CellName(row, column)
	}
	return e
}
