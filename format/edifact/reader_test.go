package edifact

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/charmap"
)

var update = flag.Bool("update", false, "rewrite golden files")

// list is a whole interchange; tests damage it.
const list = "UNA:+.? 'UNB+UNOA:4+ZZ AIRLINE:ZZ+CUSTOMS+130620:0900+R1++APIS'UNG+PAXLST+ZZ+CUSTOMS+130620:0900+7+UN+D:15B'" +
	"UNH+M1+PAXLST:D:15B:UN:IATA+C1+01:F'BGM+745'TDT+20+ZZ123+++ZZ'LOC+125+SYD'NAD+FL+++O?'HARA:ANN:LEE'ATT+2++F'" +
	"DOC+P+X1'CNT+42:1'UNT+9+M1'UNE+1+7'UNZ+1+R1'"

// dump reads everything and writes one line per segment: number, tag, values.
func dump(t testing.TB, in io.Reader) (segments, problems []string) {
	t.Helper()
	r := NewReader(in)
	for {
		s, err := r.Next()
		for _, p := range r.Problems() {
			problems = append(problems, p.Code)
		}
		if err == io.EOF {
			return segments, problems
		}
		if err != nil {
			return segments, append(problems, err.Error())
		}
		line := fmt.Sprintf("%d %s", s.Number, s.Tag)
		for e := 1; e <= s.Elements(); e++ {
			line += "|"
			for c := range s.Components(e) {
				if c > 0 {
					line += ","
				}
				line += s.Value(e, c)
			}
		}
		segments = append(segments, line)
	}
}

var plain = []string{
	"0 UNB|UNOA,4|ZZ AIRLINE,ZZ|CUSTOMS|130620,0900|R1||APIS", "0 UNG|PAXLST|ZZ|CUSTOMS|130620,0900|7|UN|D,15B",
	"1 UNH|M1|PAXLST,D,15B,UN,IATA|C1|01,F", "2 BGM|745", "3 TDT|20|ZZ123|||ZZ", "4 LOC|125|SYD", "5 NAD|FL|||O'HARA,ANN,LEE",
	"6 ATT|2||F", "7 DOC|P|X1", "8 CNT|42,1", "9 UNT|9|M1", "0 UNE|1|7", "0 UNZ|1|R1",
}

// wrap breaks text into lines of n characters.
func wrap(text string, n int, eol string) string {
	var b strings.Builder
	for len(text) > n {
		b.WriteString(text[:n] + eol)
		text = text[n:]
	}
	return b.String() + text
}

// The same interchange in every disguise must give the same segments, with just the problems named.
func TestReaderDisguises(t *testing.T) {
	swap := func(s string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(s) }
	noUNA := strings.TrimPrefix(list, "UNA:+.? '")
	for _, c := range []struct {
		name, in string
		problems string
	}{
		{"as the standard has it", list, ""},
		{"no UNA", noUNA, ""},
		{"one segment a line", swap(list, "'U", "'\nU", "'N", "'\r\nN", "'T", "'\n  T"), ""},
		{"wrapped at 69 with CR LF", wrap(list, 69, "\r\n"), ""},
		{"wrapped at 5", "UNA:+.? '" + wrap(noUNA, 5, "\n"), ""},
		{"other service characters", "UNA*:.!#~" + swap(noUNA, "+", ":", ":", "*", "?'", "'", "'", "~"), ""},
		{"brackets and hyphen, behind a telegram header",
			"\x01QK LONPPXS\r\n.MUCKMTS 250521\r\n\x02UNA:(.) -" + swap(noUNA, "+", "(", "?'", "'", "'", "-"), ""},
		{"Type-B header and trailer", "QU ALAXXZZ\r\n.ALAYYZZ 201530\r\n" + list + "\r\n\x03\r\nNNNN\r\n", ""},
		{"header line joined by =", "=PRIORITY\nQU\n=TEXT\n" + list + "\x03", ""},
		{"UNA names other separators", "UNA+:.? '" + noUNA, BadUNA},
		{"UNA one character short", "UNA:+.?'" + noUNA, BadUNA},
		{"UNA names another terminator", "UNA:+.? ~" + noUNA, BadUNA},
		{"UNA cut to its tag", "UNA" + noUNA, BadUNA},
		{"UNA without its first letter", "NA:+.? '" + noUNA, ""},
		{"UNA and a blank", "UNA:+.?*' " + noUNA, ""},
		{"line ends are the terminators", "UNA:+.? \n" + swap(noUNA, "?'", "'", "'", "\r\n"), ""},
		{"line ends are the terminators, UNA does not say so", swap(noUNA, "?'", "'", "'", "\n"), ""},
		{"lower case", swap(list, "UNB", "unb", "UNH", "unh", "NAD", "nad", "ATT", "Att"), ""},
		{"a terminator lost at a line end", swap(list, "'ATT", "\nATT"), MissingTerminator},
		{"apostrophe not released", swap(list, "O?'HARA", "O'HARA"), StrayTerminator},
		{"telegram header in the middle", swap(list, "'NAD+FL", "'\r\n\x03\x01QK LONPPXS\r\n.MUCKMTS 250521\r\n\x02NAD+FL"), Garbage},
		{"no final terminator", strings.TrimSuffix(list, "'"), ""},
		{"doubled terminators", swap(list, "'ATT", "''ATT"), ""},
	} {
		got, problems := dump(t, strings.NewReader(c.in))
		if a, b := strings.Join(got, "\n"), strings.Join(plain, "\n"); a != b {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, a, b)
		}
		if p := strings.Join(problems, " "); p != c.problems {
			t.Errorf("%s: problems %q, want %q", c.name, p, c.problems)
		}
		// What is read must not depend on how it arrives.
		slow, _ := dump(t, iotest.OneByteReader(strings.NewReader(c.in)))
		if strings.Join(slow, "\n") != strings.Join(got, "\n") {
			t.Errorf("%s: another result byte by byte", c.name)
		}
	}
}

// Missing and lying trailers are told, and lose no segment.
func TestReaderBookkeeping(t *testing.T) {
	cut := func(parts ...string) string {
		s := list
		for _, p := range parts {
			if !strings.Contains(s, p) {
				t.Fatalf("%q is not in the list", p)
			}
			s = strings.Replace(s, p, "", 1)
		}
		return s
	}
	for _, c := range []struct {
		name, in, problems string
		segments           int
	}{
		{"no UNZ", cut("UNZ+1+R1'"), MissingUNZ, 12},
		{"no UNE", cut("UNE+1+7'"), MissingUNE, 12},
		{"no UNT", cut("UNT+9+M1'"), MissingUNT, 12},
		{"no trailer", cut("UNT+9+M1'", "UNE+1+7'", "UNZ+1+R1'"), Truncated, 10},
		{"cut inside a segment", list[:strings.Index(list, "'ATT")-4], Truncated, 7},
		{"no UNB", cut("UNA:+.? '", "UNB+UNOA:4+ZZ AIRLINE:ZZ+CUSTOMS+130620:0900+R1++APIS'"), MissingUNB, 12},
		{"no UNH", cut("UNH+M1+PAXLST:D:15B:UN:IATA+C1+01:F'"), MissingUNH + " " + BadMessageCount, 12},
		{"wrong counts", strings.NewReplacer("UNT+9", "UNT+8", "UNE+1", "UNE+x", "UNZ+1", "UNZ+").Replace(list),
			BadSegmentCount + " " + BadMessageCount + " " + BadMessageCount, 13},
		{"wrong references", strings.NewReplacer("UNT+9+M1", "UNT+9+M2", "UNZ+1+R1", "UNZ+1+R2").Replace(list),
			BadReference + " " + BadReference, 13},
		{"two interchanges", list + "\r\n" + list, "", 26},
		{"two interchanges, other characters, no UNZ between", cut("UNZ+1+R1'") + "\r\n" + "UNA:(.) -" +
			strings.NewReplacer("+", "(", "?'", "'", "'", "-").Replace(strings.TrimPrefix(list, "UNA:+.? '")), MissingUNZ, 25},
		{"a BGM and what follows, nothing else", list[strings.Index(list, "BGM"):], MissingUNB + " " + MissingUNH, 10},
	} {
		got, problems := dump(t, strings.NewReader(c.in))
		if p := strings.Join(problems, " "); p != c.problems {
			t.Errorf("%s: problems %q, want %q", c.name, p, c.problems)
		}
		if len(got) != c.segments {
			t.Errorf("%s: %d segments, want %d:\n%s", c.name, len(got), c.segments, strings.Join(got, "\n"))
		}
	}
}

// Names come out in UTF-8 from whatever the carrier's host speaks, whatever UNB announces.
func TestCharsets(t *testing.T) {
	in := func(id, name string) string {
		return "UNB+" + id + ":4+A+B+130620:0900+R1'UNH+1+PAXLST:D:15B:UN'NAD+FL+++" + name + "'UNT+3+1'UNZ+1+R1'"
	}
	encode := func(m *charmap.Charmap, s string) string {
		b, err := m.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	cyr := "ИВАНОВ:Сергей Петрович"
	for _, c := range []struct{ name, id, raw, want, charset string }{
		{"ASCII", "UNOA", "IVANOV:IVAN", "IVANOV|IVAN", ""},
		{"UTF-8 under UNOY", "UNOY", "ЖҰМАБАЕВ:Мағжан", "ЖҰМАБАЕВ|Мағжан", "UTF-8"},
		{"UTF-8 under UNOA", "UNOA", cyr, "ИВАНОВ|Сергей Петрович", "UTF-8"},
		{"CP1251 under UNOA", "UNOA", encode(charmap.Windows1251, cyr), "ИВАНОВ|Сергей Петрович", "CP1251"},
		{"KOI8-R under UNOA", "UNOA", encode(charmap.KOI8R, cyr), "ИВАНОВ|Сергей Петрович", "KOI8-R"},
		{"CP866 under UNOB", "UNOB", encode(charmap.CodePage866, cyr), "ИВАНОВ|Сергей Петрович", "CP866"},
		{"ISO 8859-5 under UNOE", "UNOE", encode(charmap.ISO8859_5, cyr), "ИВАНОВ|Сергей Петрович", "ISO 8859-5"},
		{"KOI8-R under UNOE", "UNOE", encode(charmap.KOI8R, cyr), "ИВАНОВ|Сергей Петрович", "KOI8-R"},
		{"CP1251 capitals", "UNOC", encode(charmap.Windows1251, "САДЫКОВА:ГУЛЬНАРА АЗАТОВНА"), "САДЫКОВА|ГУЛЬНАРА АЗАТОВНА", "CP1251"},
		{"KOI8-R capitals", "UNOC", encode(charmap.KOI8R, "САДЫКОВА:ГУЛЬНАРА АЗАТОВНА"), "САДЫКОВА|ГУЛЬНАРА АЗАТОВНА", "KOI8-R"},
		{"Latin-1 under UNOC", "UNOC", encode(charmap.ISO8859_1, "MÜLLER:JÖRG"), "MÜLLER|JÖRG", "ISO 8859-1"},
		{"Latin-2 under UNOD", "UNOD", encode(charmap.ISO8859_2, "NOVÁK:JIŘÍ"), "NOVÁK|JIŘÍ", "ISO 8859-2"},
		{"Latin-2, two marks side by side", "UNOD", encode(charmap.ISO8859_2, "DVOŘÁK:JIŘÍ"), "DVOŘÁK|JIŘÍ", "ISO 8859-2"},
		{"CP1251 with Latin words beside it", "UNOA", encode(charmap.Windows1251, "ИВАНОВ:IVAN Петрович"), "ИВАНОВ|IVAN Петрович", "CP1251"},
	} {
		r := NewReader(strings.NewReader(in(c.id, c.raw)))
		got := ""
		for {
			s, err := r.Next()
			if err != nil {
				break
			}
			if s.Tag == "NAD" {
				got = s.Value(4, 0) + "|" + s.Value(4, 1)
			}
		}
		if got != c.want || r.Charset() != c.charset {
			t.Errorf("%s: %q as %q, want %q as %q", c.name, got, r.Charset(), c.want, c.charset)
		}
	}
}

// What is no EDIFACT gets one sentence with place and remedy.
func TestNothing(t *testing.T) {
	var b strings.Builder
	for _, c := range []struct{ name, in string }{
		{"empty", ""},
		{"text", "Dear colleague, the list follows by post.\n"},
		{"utf-16", "\xff\xfeU\x00N\x00B\x00+\x00"},
		{"ebcdic", "\xe4\xd5\xc1\x7a\x4e\x4b\x6f\x40\x7d\xe4\xd5\xc2\x4e"},
		{"zip", "PK\x03\x04rest"},
		{"xml", "<?xml version=\"1.0\"?><manifest/>"},
		{"noise", string(noise(1 << 20))},
	} {
		_, err := NewReader(strings.NewReader(c.in)).Next()
		if !errors.Is(err, ErrNoInterchange) {
			t.Errorf("%s: %v", c.name, err)
		}
		fmt.Fprintf(&b, "%s: %v\n", c.name, err)
	}
	golden(t, "nothing.txt", b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s\nwant\n%s", name, got, want)
	}
}

// noise is n bytes of a fixed pseudo-random sequence.
func noise(n int) []byte {
	b := make([]byte, n)
	x := uint32(2463534242)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x >> 7)
	}
	return b
}

// A hundred megabytes of noise, bare or inside an interchange, must not need memory.
func TestNoiseIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 200 MB")
	}
	block := noise(1 << 20)
	for _, c := range []struct {
		name, prefix string
	}{{"bare", ""}, {"inside an interchange", list[:strings.Index(list, "ATT")]}} {
		parts := []io.Reader{strings.NewReader(c.prefix)}
		for range 100 {
			parts = append(parts, bytes.NewReader(block))
		}
		r := NewReader(io.MultiReader(parts...))
		var before, peak runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := 0; ; i++ {
			_, err := r.Next()
			r.Problems()
			if i%100_000 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&peak)
				if grown := int64(peak.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
					t.Fatalf("%s: %d bytes held after %d segments", c.name, grown, i)
				}
			}
			if err != nil {
				break
			}
		}
	}
}

// A reader that fails is told from a file that ends.
func TestReadFault(t *testing.T) {
	r := NewReader(io.MultiReader(strings.NewReader(list[:200]), iotest.ErrReader(errors.New("disk gone"))))
	for {
		if _, err := r.Next(); err != nil {
			if err == io.EOF || !strings.Contains(err.Error(), "disk gone") {
				t.Errorf("got %v", err)
			}
			return
		}
	}
}

// FuzzReader: never panics, offsets never go back, tags are capitals, and every value is valid UTF-8 when the
// charset is known.
func FuzzReader(f *testing.F) {
	f.Add([]byte(list))
	f.Add([]byte("UNA:(.) -UNB(UNOA:4(A(B-UNH(1(PAXLST:D:02B:UN-NAD(FL(((X:Y-UNT(3(1-"))
	f.Add([]byte("QU ALAXXZZ\r\n.ALAYYZZ\r\nUNB+UNOE:3+A+B'\r\nNAD+FL+++\xb8\xb2:\xd0\r\n\xd1'"))
	f.Add([]byte("UNAU+.? 'UNB+UNOA"))
	f.Add([]byte("NAD+FL+++O'BRIEN:X'"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(bytes.NewReader(in))
		last := int64(-1)
		for {
			s, err := r.Next()
			if err != nil {
				return
			}
			if s.Offset < last || s.Offset > int64(len(in)) {
				t.Fatalf("offset %d after %d of %d", s.Offset, last, len(in))
			}
			last = s.Offset
			if s.Tag != strings.ToUpper(s.Tag) || s.Text == "" {
				t.Fatalf("tag %q text %q", s.Tag, s.Text)
			}
			for e := range s.Elements() + 2 {
				for c := range s.Components(e) + 1 {
					s.Value(e, c)
				}
			}
			_ = s.String()
		}
	})
}

func BenchmarkReader(b *testing.B) {
	var in bytes.Buffer
	for in.Len() < 8<<20 {
		in.WriteString(list)
	}
	b.SetBytes(int64(in.Len()))
	for b.Loop() {
		r := NewReader(bytes.NewReader(in.Bytes()))
		for {
			s, err := r.Next()
			if err != nil {
				break
			}
			s.Value(1, 0)
		}
	}
}
