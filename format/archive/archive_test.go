package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
)

type file struct{ name, body string }

func packed(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		if strings.HasPrefix(f.body, "link:") {
			h.SetMode(fs.ModeSymlink | 0o777)
		}
		e, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(e, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// all opens an archive and unfolds it.
func all(data []byte, l Limits) error {
	a, err := Open(bytes.NewReader(data), int64(len(data)), l)
	if err != nil {
		return err
	}
	return a.Each(func(string, io.Reader) error { return nil })
}

// overlapping makes the directory of an archive name its first file n times.
func overlapping(t testing.TB, n int) []byte {
	data := packed(t, file{"a", strings.Repeat("unlike ", 3)})
	end := bytes.LastIndex(data, []byte("PK\x05\x06"))
	dir := bytes.Index(data, []byte("PK\x01\x02"))
	entry, tail := data[dir:end], bytes.Clone(data[end:])
	out := bytes.Clone(data[:dir])
	for i := range n {
		e := bytes.Clone(entry)
		e[46] = byte('a' + i) // the name
		out = append(out, e...)
	}
	binary.LittleEndian.PutUint16(tail[8:], uint16(n))
	binary.LittleEndian.PutUint16(tail[10:], uint16(n))
	binary.LittleEndian.PutUint32(tail[12:], uint32(n*len(entry)))
	return append(out, tail...)
}

// lying makes the directory say that a file is small.
func lying(t testing.TB, f file) []byte {
	data := packed(t, f)
	dir := bytes.Index(data, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(data[dir+24:], 10)
	return data
}

// TestRefused proves what is refused, each with its sentence.
func TestRefused(t *testing.T) {
	locked := packed(t, file{"a", "x"})
	locked[bytes.Index(locked, []byte("PK\x01\x02"))+8] |= 1
	small := Limits{Entries: 5, Total: 4 << 20, File: 3 << 20, Ratio: 100}
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"no archive":        {[]byte("hello"), "no ZIP archive"},
		"cut":               {packed(t, file{"a", "x"})[:30], "no ZIP archive"},
		"many":              {packed(t, file{"a", ""}, file{"b", ""}, file{"c", ""}, file{"d", ""}, file{"e", ""}, file{"f", ""}), "holds 6 files"},
		"ratio":             {packed(t, file{"a", strings.Repeat("0", 2<<20)}), "more than 100 times"},
		"one large":         {packed(t, file{"a", strings.Repeat("0", 3<<20+1)}), "“a” in the archive unfolds to more than 3 MB"},
		"together":          {packed(t, file{"a", strings.Repeat("0", 2<<20)}, file{"b", strings.Repeat("0", 2<<20+1)}), "unfolds to 4 MB"},
		"lying":             {lying(t, file{"a", strings.Repeat("0", 8<<20)}), "in the archive"},
		"overlapping":       {overlapping(t, 3), "overlap"},
		"up":                {packed(t, file{"../../etc/passwd", "x"}), "outside its folder"},
		"up within":         {packed(t, file{"a/../../b", "x"}), "outside its folder"},
		"root":              {packed(t, file{"/etc/passwd", "x"}), "outside its folder"},
		"drive":             {packed(t, file{"c:/windows", "x"}), "outside its folder"},
		"backslash":         {packed(t, file{`..\a`, "x"}), "outside its folder"},
		"terminal":          {packed(t, file{"\x1b[31ma", "x"}), "outside its folder"},
		"twice":             {packed(t, file{"a", "x"}, file{"A", "y"}), "twice"},
		"link":              {packed(t, file{"a", "link:/etc/passwd"}), "link"},
		"nested":            {packed(t, file{"a.zip", "x"}), "archive itself"},
		"nested, disguised": {packed(t, file{"a.txt", string(packed(t, file{"b", "x"}))}), "archive itself"},
		"locked":            {locked, "password"},
	} {
		err := all(c.data, small)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Error(), c.says) || strings.ContainsAny(e.Error(), "\x1b\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSound proves that an archive of work passes, whole, and that a missing file is told.
func TestSound(t *testing.T) {
	data := packed(t, file{"dir/", ""}, file{"dir/a.xml", strings.Repeat("<a>text of some kind</a>\n", 1000)}, file{"Ведомость.csv", "id,name"})
	a, err := Open(bytes.NewReader(data), int64(len(data)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Names(); len(got) != 2 || got[1] != "Ведомость.csv" {
		t.Error(got)
	}
	if b, err := a.Read("Ведомость.csv"); err != nil || string(b) != "id,name" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := a.Read("other"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := a.Each(func(_ string, r io.Reader) error { return nil }); err != nil {
		t.Error(err)
	}
}

// FuzzOpen proves that any bytes give an answer, and never more than the limits let through.
func FuzzOpen(f *testing.F) {
	f.Add(packed(f, file{"a", "x"}, file{"b", strings.Repeat("0", 5000)}))
	f.Add(overlapping(f, 3))
	l := Limits{Entries: 10, Total: 1 << 20, File: 1 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Open(bytes.NewReader(data), int64(len(data)), l)
		if err != nil {
			return
		}
		n := int64(0)
		_ = a.Each(func(_ string, r io.Reader) error {
			k, err := io.Copy(io.Discard, r)
			n += k
			return err
		})
		if n > l.Total {
			t.Errorf("%d bytes came out", n)
		}
	})
}
