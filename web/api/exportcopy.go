package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"sarhad/format/sheet"
	"sarhad/record"
	"sarhad/record/privacy/export"
	"sarhad/record/vocab"
	"sarhad/web/page"
)

func (a *API) exportTake(ctx context.Context, in ByID, separator string) (ExportCopy, error) {
	id, err := in.id()
	if err != nil {
		return ExportCopy{}, err
	}
	s, data, err := a.Exports.Take(ctx, id, func(s export.Sheet) ([]byte, error) { return a.renderCopy(s, separator) })
	if err != nil {
		return ExportCopy{}, err
	}
	out := ExportCopy{Export: a.exportRow(ctx, s.Entry), Number: s.Copy}
	if s.Form == export.Print {
		out.Page = fmt.Sprintf("/print/exports/%s/%d", id, s.Copy)
		return out, nil
	}
	out.Data, out.File, out.Media = data, fmt.Sprintf("%s-%d-%d.%s", s.Marking, s.Number, s.Copy, s.Form), "text/csv; charset=utf-8"
	if s.Form == export.XLSX {
		out.Media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return out, nil
}

// renderCopy writes a copy in its form.
func (a *API) renderCopy(s export.Sheet, separator string) ([]byte, error) {
	p := a.paper(s)
	if s.Form == export.Print {
		return p.Render()
	}
	about := [][2]string{{p.Marking, ""}, {p.Say("copy"), p.Copy}, {p.Say("officer"), p.Officer + ", " + p.Agency}, {p.Say("time"), p.Local + " (" + p.UTC + ")"},
		{p.Say("purpose"), p.Purpose}, {p.Say("rows"), strconv.Itoa(len(p.Rows))}, {p.Say("destroy"), p.Destroy}}
	if p.Agreed != "" {
		about = append(about, [2]string{p.Say("agreed"), p.Agreed})
	}
	t := sheet.Sheet{Title: p.Title, Mark: p.Line(), About: about, Titles: p.Titles, Rows: p.Rows}
	switch {
	case s.Form == export.XLSX:
		return t.XLSX()
	case separator == "comma":
		return t.CSV(',')
	}
	return t.CSV(';')
}

// paper is what stands on a copy, in its language.
func (a *API) paper(s export.Sheet) page.Print {
	marking := s.Marking
	if t, ok := vocab.Lookup(vocab.Markings, s.Marking); ok {
		if marking = t.En; s.Lang == "ru" {
			marking = t.Ru
		}
	}
	p := page.Print{Lang: s.Lang, Marking: marking, Copy: fmt.Sprintf("%d/%d", s.Number, s.Copy), Officer: s.Asked.Display, Agency: s.Agency,
		Purpose: s.Purpose.Text, Local: s.At.In(a.zone()).Format("2006-01-02 15:04 -07:00"), UTC: s.At.UTC().Format("2006-01-02 15:04") + " UTC",
		Destroy: s.Destroy.In(a.zone()).Format(time.DateOnly), Rows: s.Cells}
	if s.Purpose.Ref != "" {
		p.Purpose += " (" + s.Purpose.Ref + ")"
	}
	if s.Decided != nil {
		p.Agreed = s.Decided.Display
	}
	p.Title = a.Node.Name + " · " + p.Say("copy") + " " + p.Copy
	for _, c := range s.Columns {
		p.Titles = append(p.Titles, c.Head())
	}
	return p
}

// zone is the time zone of the machine of the node.
func (a *API) zone() *time.Location { return a.Now().Location() }

// prints serves the pages to print. They are doors like any other: the officer's own, in their window, and an act.
func (a *API) prints(mux *http.ServeMux) {
	mux.HandleFunc("GET "+page.StylePath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(page.Style()) // the reader may be gone
	})
	mux.HandleFunc("GET /print/exports/{id}/{number}", func(w http.ResponseWriter, r *http.Request) {
		data, err := a.printed(r)
		if err != nil { // a person reads this in a window of its own
			p := problemOf(a.problem("printExport", err))
			http.Error(w, p.Detail, p.Status)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(data) // the reader may be gone
	})
}

func (a *API) printed(r *http.Request) ([]byte, error) {
	id, err := ByID{r.PathValue("id")}.id()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		return nil, record.Errorf(record.NotFound, "there is no such copy")
	}
	return a.Exports.Again(r.Context(), id, n, func(s export.Sheet) ([]byte, error) {
		if s.Form != export.Print {
			return nil, record.Errorf(record.NotFound, "this copy is a file; make another one to have it again")
		}
		return a.paper(s).Render()
	})
}
