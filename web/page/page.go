// Package page renders plain HTML that needs no script: what is printed.
//
// Nouns: Print (a table on paper with everything that must stand on it), Style (its style sheet).
//
// Guarantees: the marking, the number of the copy, the officer and the time (local and UTC) stand at the top and at the foot of
// every printed page, and as a watermark across it. All text is escaped. The page loads one style sheet from this node and
// nothing else; it has no inline style and no script, so it passes the node's content security policy. The same Print gives
// the same bytes.
//
// The package must never read a record or decide who may print: that is the register's (record/privacy/export).
package page

import (
	"bytes"
	_ "embed"
	"html/template"
	"strings"
)

// StylePath is where the page expects its style sheet.
const StylePath = "/print/print.css"

//go:embed print.css
var style []byte

//go:embed print.html
var text string

// Style is the style sheet, as text/css.
func Style() []byte { return bytes.Clone(style) }

// Print is a table on paper. Everything is text in the language of Lang (en, ru).
type Print struct {
	Lang    string
	Title   string
	Marking string
	Copy    string // number of export and copy: "17/1"
	Officer string
	Agency  string
	Purpose string
	Agreed  string // who agreed; "" = nobody had to
	Local   string // when it was made, at the node
	UTC     string
	Destroy string // day by which it must be gone
	Titles  []string
	Rows    [][]string
}

// word is a text of the page in both languages.
type word struct{ en, ru string }

var words = map[string]word{
	"copy":    {"Copy", "Экземпляр"},
	"officer": {"Printed by", "Распечатал(а)"},
	"agreed":  {"Agreed by", "Согласовал(а)"},
	"purpose": {"Purpose", "Цель"},
	"time":    {"Time", "Время"},
	"rows":    {"Records", "Записей"},
	"destroy": {"Destroy by", "Уничтожить до"},
	"print":   {"Press Ctrl+P to print. Choose A4, landscape for wide tables.", "Нажмите Ctrl+P, чтобы напечатать. Формат A4, для широких таблиц — альбомная ориентация."},
	"end":     {"End of the copy", "Конец экземпляра"},
}

// Say gives a text of the page.
func (p Print) Say(key string) string {
	if p.Lang == "ru" {
		return words[key].ru
	}
	return words[key].en
}

// Line is what stands at the top and at the foot of each page.
func (p Print) Line() string {
	return strings.Join([]string{p.Marking, p.Say("copy") + " " + p.Copy, p.Officer, p.Local + " (" + p.UTC + ")"}, " · ")
}

// Mark are the lines of the watermark.
func (p Print) Mark() []string { return []string{p.Marking, p.Officer + " · " + p.Copy, p.UTC} }

// Width is how many columns the table has.
func (p Print) Width() int { return len(p.Titles) }

// Count is how many rows the table has.
func (p Print) Count() int { return len(p.Rows) }

// Style is the path of the style sheet.
func (p Print) Style() string { return StylePath }

// Render gives the page.
func (p Print) Render() ([]byte, error) {
	t, err := template.New("print").Parse(text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, p)
	return b.Bytes(), err
}
