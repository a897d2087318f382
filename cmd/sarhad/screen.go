package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"sarhad/engine/match"
	"sarhad/format/listcsv"
	"sarhad/format/paxlst"
	"sarhad/internal/local"
	"sarhad/record"
	"sarhad/record/vocab"
	"sarhad/screening/watchlist"
)

type screenCmd struct {
	List      []string `required:"" sep:"none" help:"File of a list; repeat for more."`
	Threshold *float64 `help:"Least score, 0 to 1; the default is that of alerts."`
	JSON      bool     `name:"json" help:"Print one JSON object for each person."`
	Input     string   `arg:"" help:"Passenger message, or CSV id,name,born,nationality,sex,document; - is standard input."`
}

// screened is the answer for one person.
type screened struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Matches []screenedMatch `json:"matches"`
}

type screenedMatch struct {
	List    string   `json:"list"`
	Entry   string   `json:"entry"`
	Name    string   `json:"name"`
	Score   float64  `json:"score"`
	Reasons []string `json:"reasons"`
}

// Run prints one answer for each person of the input, in its order, also when nobody matches.
func (c *screenCmd) Run(e *env) error {
	if c.Threshold != nil && (*c.Threshold < 0 || *c.Threshold > 1) {
		return record.Errorf(record.Invalid, "--threshold %g: a score lies between 0 and 1", *c.Threshold)
	}
	lists, err := watchlist.Open(c.List...)
	if err != nil {
		return err
	}
	people, err := c.people(e)
	if err != nil {
		return err
	}
	s := watchlist.NewScreener(e.now(), lists...)
	w := bufio.NewWriter(e.out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, p := range people {
		out := c.screen(s, p)
		if !c.JSON {
			printScreened(w, out)
			continue
		}
		if err := enc.Encode(out); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (c *screenCmd) screen(s *watchlist.Screener, p watchlist.Traveller) screened {
	threshold := 0.0 // the engine's default
	if c.Threshold != nil {
		threshold = *c.Threshold
		if threshold == 0 {
			threshold = -1 // everything
		}
	}
	out := screened{ID: p.ID, Name: p.Name, Matches: []screenedMatch{}}
	for _, f := range s.Screen(p.Person, threshold) {
		m := screenedMatch{List: f.Entry.List, Entry: f.Entry.ID, Name: f.Name, Score: round(f.Score), Reasons: []string{}}
		for _, r := range f.Reasons {
			m.Reasons = append(m.Reasons, r.Text)
		}
		out.Matches = append(out.Matches, m)
	}
	return out
}

func round(score float64) float64 {
	f, err := strconv.ParseFloat(strconv.FormatFloat(score, 'f', 4, 64), 64)
	if err != nil {
		return score
	}
	return f
}

func printScreened(w io.Writer, s screened) {
	fmt.Fprintf(w, "%s  %s\n", s.ID, s.Name)
	if len(s.Matches) == 0 {
		fmt.Fprintln(w, "    nobody on the lists")
	}
	for _, m := range s.Matches {
		fmt.Fprintf(w, "    %.2f  %s/%s  %s\n", m.Score, m.List, m.Entry, m.Name)
		for _, r := range m.Reasons {
			fmt.Fprintf(w, "          %s\n", r)
		}
	}
}

// people reads the input: a passenger message when it is one, else CSV.
func (c *screenCmd) people(e *env) ([]watchlist.Traveller, error) {
	var data []byte
	var err error
	if c.Input == "-" {
		data, err = io.ReadAll(e.in)
	} else {
		data, err = local.ReadFile(e.files, c.Input)
	}
	if err != nil {
		return nil, record.Errorf(record.Invalid, "%s", unreadable(c.Input, err))
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, record.Errorf(record.Invalid, "%s: the file is empty; give a passenger message, or CSV whose first line names the columns id,name,born,nationality,sex,document.", c.Input)
	}
	if looksLikeCSV(data) {
		return e.table(data, c.Input)
	}
	messages, err := paxlst.Parse(bytes.NewReader(data), c.Input)
	if err != nil && len(messages) == 0 {
		return nil, &record.Error{Kind: record.Invalid, Message: err.Error()}
	}
	if err != nil {
		e.problem("%v", err)
	}
	var out []watchlist.Traveller
	for _, m := range messages {
		for _, t := range m.Travellers {
			out = append(out, traveller(t, len(out)+1))
		}
	}
	return out, nil
}

// messageHead is how much of an input is looked at for a message.
const messageHead = 4 << 10

// looksLikeCSV reports whether the first line is one of a table and no interchange begins.
func looksLikeCSV(data []byte) bool {
	head := bytes.ToUpper(data[:min(len(data), messageHead)])
	for _, tag := range []string{"UNA", "UNB", "UNH", "NAD", "TDT"} {
		at := bytes.Index(head, []byte(tag))
		if at >= 0 && at+3 < len(head) && (at == 0 || !isWord(head[at-1])) && !isWord(head[at+3]) && !bytes.ContainsAny(head[at+3:at+4], ",;\t\"\r\n ") {
			return false
		}
	}
	wide := bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF})
	line, _, _ := bytes.Cut(bytes.TrimLeft(data, "\ufeff \t\r\n"), []byte("\n"))
	if len(line) > 2000 || bytes.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' && !wide }) {
		return false
	}
	return wide || bytes.ContainsAny(line, ",;\t") || strings.EqualFold(strings.Trim(string(line), "\" \t\r"), "name")
}

func isWord(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '_' }

// table reads travellers from CSV. A row with something wrong is reported and screened without it.
func (e *env) table(data []byte, name string) ([]watchlist.Traveller, error) {
	list, bad, err := listcsv.ReadEverybody(bytes.NewReader(data), name, "name")
	if err != nil {
		return nil, &record.Error{Kind: record.Invalid, Message: err.Error(), Err: err}
	}
	for _, b := range bad {
		e.problem("%v", b)
	}
	out := make([]watchlist.Traveller, 0, len(list.Rows))
	for _, r := range list.Rows {
		p := match.Person{ID: r.ID, Born: r.Born, Sex: r.Sex}
		if p.ID == "" {
			p.ID = strconv.Itoa(r.Line)
		}
		for _, full := range append([]string{r.Name}, r.Aliases...) {
			p.Names = append(p.Names, match.Name{Full: full})
		}
		for _, n := range r.Nationality {
			if code, ok := state(n); ok {
				p.Nationalities = append(p.Nationalities, code)
				continue
			}
			e.problem("%s, line %d: the nationality %q is no known country or code; the person was screened without it.", name, r.Line, n)
		}
		for _, d := range r.Documents {
			issuer, _ := state(d.Issuer)
			p.Documents = append(p.Documents, match.Document{Type: d.Type, Number: d.Number, Issuer: issuer})
		}
		out = append(out, watchlist.Traveller{ID: p.ID, Name: r.Name, Line: r.Line, Person: p})
	}
	return out, nil
}

// state is the alpha-3 code of a country written as a code or by name.
func state(written string) (string, bool) {
	if s, ok := vocab.Country(strings.TrimSpace(written)); ok {
		return s.Alpha3, true
	}
	return vocab.CountryByName(written)
}

// traveller makes a person of a message what the screener takes. The id is the document number, else the place in the file.
func traveller(t paxlst.Traveller, n int) watchlist.Traveller {
	id := strconv.Itoa(n)
	p := match.Person{Sex: t.Sex, Names: []match.Name{{Surname: t.Surname, Given: t.Given, Full: strings.TrimSpace(t.Surname + " " + t.Given)}}}
	if t.Born != "" {
		p.Born = []string{t.Born}
	}
	if t.Nationality != "" {
		p.Nationalities = []string{alpha3(t.Nationality)}
	}
	for _, d := range t.Documents {
		p.Documents = append(p.Documents, match.Document{Type: d.Type, Number: d.Number, Issuer: alpha3(d.Issuer)})
	}
	if len(t.Documents) > 0 && t.Documents[0].Number != "" {
		id = t.Documents[0].Number
	}
	p.ID = id
	return watchlist.Traveller{ID: id, Name: p.Names[0].Full, Person: p}
}

// alpha3 is the code of a country as lists have it, or what was sent when it is none.
func alpha3(sent string) string {
	if code, ok := state(sent); ok {
		return code
	}
	return sent
}

type matchCmd struct {
	Pairs string   `help:"CSV name1,name2 and optionally born1,born2,nationality1,nationality2; one JSON object for each row."`
	Names []string `arg:"" optional:"" help:"Two names."`
	JSON  bool     `name:"json" help:"Print JSON."`
}

// pairResult is the answer for one pair.
type pairResult struct {
	Name1   string   `json:"name1"`
	Name2   string   `json:"name2"`
	Score   float64  `json:"score"`
	Reasons []string `json:"reasons"`
}

// Run compares two names, or each row of a file of pairs.
func (c *matchCmd) Run(e *env) error {
	if c.Pairs != "" {
		return c.pairs(e)
	}
	if len(c.Names) != 2 {
		return record.Errorf(record.Invalid, "give two names, each in quotes: sarhad match \"NAME 1\" \"NAME 2\"")
	}
	m := match.Compare(named(c.Names[0], "", ""), named(c.Names[1], "", ""))
	if c.JSON {
		return e.json(pair(c.Names[0], c.Names[1], m))
	}
	fmt.Fprintf(e.out, "%.2f  %s  ~  %s\n", m.Score, c.Names[0], c.Names[1])
	for _, t := range m.Tokens {
		fmt.Fprintf(e.out, "      %-20s %-20s %-13s %s\n", dash(t.Query), dash(t.Listed), t.How, t.Role)
	}
	for _, r := range m.Reasons {
		fmt.Fprintf(e.out, "      %s\n", r.Text)
	}
	return nil
}

func (c *matchCmd) pairs(e *env) error {
	rows, err := e.csvRows(c.Pairs, "name1", "name2")
	if err != nil {
		return err
	}
	for _, r := range rows {
		m := match.Compare(named(r["name1"], r["born1"], r["nationality1"]), named(r["name2"], r["born2"], r["nationality2"]))
		if err := e.json(pair(r["name1"], r["name2"], m)); err != nil {
			return err
		}
	}
	return nil
}

func named(name, born, nationality string) match.Person {
	p := match.Person{Names: []match.Name{{Full: name}}}
	if born != "" {
		p.Born = []string{born}
	}
	if nationality != "" {
		p.Nationalities = []string{alpha3(nationality)}
	}
	return p
}

func pair(a, b string, m match.Match) pairResult {
	out := pairResult{Name1: a, Name2: b, Score: round(m.Score), Reasons: []string{}}
	for _, r := range m.Reasons {
		out.Reasons = append(out.Reasons, r.Text)
	}
	return out
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
