package xmlguard

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

var small = Limits{Depth: 5, Tag: 100, Text: 200}

// TestRefused proves what is refused, however the bytes arrive.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ in, says string }{
		"laughs":           {`<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>`, "declares a document type"},
		"external":         {`<!DOCTYPE l SYSTEM "http://127.0.0.1/x.dtd"><l/>`, "declares a document type"},
		"lower case":       {`<!doctype l><l/>`, "declares a document type"},
		"entity alone":     {`<l><!ENTITY a "b"></l>`, "declares a document type"},
		"deep":             {strings.Repeat("<a>", 6), "more than 5 elements"},
		"deep, with >":     {strings.Repeat(`<a b="/>">`, 6), "more than 5 elements"},
		"long attribute":   {`<a b="` + strings.Repeat("x", 200) + `"/>`, "longer than"},
		"many attributes":  {"<a " + strings.Repeat(`b="c" `, 100) + "/>", "longer than"},
		"long name":        {"<" + strings.Repeat("x", 200) + ">", "longer than"},
		"long text":        {"<a>" + strings.Repeat("x", 300) + "</a>", "longer than"},
		"long data":        {"<a><![CDATA[" + strings.Repeat("x", 300) + "]]></a>", "longer than"},
		"long comment":     {"<a><!--" + strings.Repeat("x", 300) + "--></a>", "longer than"},
		"long instruction": {"<?x " + strings.Repeat("x", 300) + "?>", "longer than"},
		"within comment":   {"<a><!-- > --><b><c><d><e><f>", "more than 5 elements"},
	} {
		for _, r := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in))} {
			_, err := io.ReadAll(NewReader(r, small))
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(e.Error(), c.says) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestLetThrough proves that sound XML passes unchanged, with the look of what is refused within comments, data and quotes.
func TestLetThrough(t *testing.T) {
	for _, in := range []string{
		`<?xml version="1.0"?><a><b c="<!DOCTYPE"/><b c='>'/><!-- <!DOCTYPE <a><a><a><a><a><a> --><![CDATA[<!DOCTYPE ]]]]><![CDATA[>]]></a>`,
		strings.Repeat("<a><b></b></a>", 1000), strings.Repeat("<a/>", 1000), "", "no XML at all", "<a>" + strings.Repeat("x", 150) + "<b/>" + strings.Repeat("x", 150) + "</a>",
		"<!----><!-- - -- - --><a/>",
	} {
		got, err := io.ReadAll(NewReader(strings.NewReader(in), small))
		if err != nil || string(got) != in {
			t.Errorf("%.60q: %v", in, err)
		}
	}
}

// FuzzDepth proves that no document which the guard lets through is deeper, for the parser behind it, than the limit.
func FuzzDepth(f *testing.F) {
	f.Add("<a><b/><!-- x --><![CDATA[]]></a>")
	f.Add("<a x='>'><b y=\"/>\"><c></c></b></a>")
	f.Add("<a><a><a></a><a/></a></a>")
	f.Fuzz(func(t *testing.T, in string) {
		dec := xml.NewDecoder(NewReader(strings.NewReader(in), small))
		depth := 0
		for {
			tok, err := dec.Token()
			if err != nil {
				return
			}
			switch tok.(type) {
			case xml.StartElement:
				if depth++; depth > small.Depth {
					t.Fatalf("depth %d", depth)
				}
			case xml.EndElement:
				depth--
			case xml.Directive:
				t.Fatal("a directive came through")
			}
		}
	})
}
