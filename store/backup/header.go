package backup

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
)

// Header is what a backup says of itself in the clear, signed by the node. It holds no personal data.
type Header struct {
	Node        string
	Number      int64     // from 1 in its set
	At          time.Time // UTC
	Incarnation string    // of the log
	Program     string    // version that wrote it
	Journal     int64     // newest line of the journal of erasures then
	Bytes       int64     // what it restores
	Chunks      int       // different ones
	Written     int64     // bytes that were new in the set
	List        string    // SHA-256 of its list of chunks, hexadecimal
	Manifest    string    // SHA-256 of its encrypted manifest, hexadecimal
}

const headerFirst = "sarhad backup 1"

func (h Header) text() string {
	return fmt.Sprintf("%s\nnode %s\nnumber %d\ntime %s\nlog %s\nprogram %s\njournal %d\nbytes %d\nchunks %d\nwritten %d\nlist %s\nmanifest %s\n", headerFirst,
		h.Node, h.Number, h.At.UTC().Format(time.RFC3339), h.Incarnation, h.Program, h.Journal, h.Bytes, h.Chunks, h.Written, h.List, h.Manifest)
}

// readHeader reads a signed note. Without verifiers the signature is not looked at.
func readHeader(signed []byte, verifiers note.Verifiers) (h Header, err error) {
	if verifiers != nil {
		if _, err := note.Open(signed, verifiers); err != nil {
			return h, fmt.Errorf("it is not signed by the node: %w", err)
		}
	}
	text, _, ok := strings.Cut(string(signed), "\n\n")
	rest, first := strings.CutPrefix(text, headerFirst+"\n")
	if !ok || !first {
		return h, fmt.Errorf("it does not begin with %q or is not signed", headerFirst)
	}
	values := map[string]string{}
	for line := range strings.Lines(rest + "\n") {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		values[name] = value
	}
	number := func(name string) (n int64) {
		if err == nil {
			if n, err = strconv.ParseInt(values[name], 10, 64); err != nil {
				err = fmt.Errorf("%s is no number", name)
			}
		}
		return n
	}
	h = Header{Node: values["node"], Incarnation: values["log"], Program: values["program"], List: values["list"], Manifest: values["manifest"],
		Number: number("number"), Journal: number("journal"), Bytes: number("bytes"), Chunks: int(number("chunks")), Written: number("written")}
	if err != nil {
		return h, err
	}
	h.At, err = time.Parse(time.RFC3339, values["time"])
	return h, err
}

// chunkRef is a chunk of the set as a list knows it.
type chunkRef struct {
	sum  string // SHA-256 of the encrypted file, hexadecimal
	size int64  // of the encrypted file
}

// contents is the list of a backup: its chunks, and which of them the files that never change are made of. It is in the
// clear, because a node that cannot decrypt has to know what is there already; names are keyed hashes.
type contents struct {
	chunks map[string]chunkRef
	order  []string
	files  map[string]fixed
}

// fixed is a file that never changes under its name.
type fixed struct {
	size   int64
	chunks []string
}

func newContents() *contents {
	return &contents{chunks: map[string]chunkRef{}, files: map[string]fixed{}}
}

func (c *contents) add(name string, ref chunkRef) {
	if _, ok := c.chunks[name]; !ok {
		c.order = append(c.order, name)
	}
	c.chunks[name] = ref
}

// text has a line "chunk NAME SUM SIZE" for each chunk and "file SIZE PATH" with the lines "of NAME" after it for each file.
func (c *contents) text() []byte {
	var b bytes.Buffer
	for _, name := range c.order {
		fmt.Fprintf(&b, "chunk %s %s %d\n", name, c.chunks[name].sum, c.chunks[name].size)
	}
	for path, f := range c.files {
		fmt.Fprintf(&b, "file %d %s\n", f.size, path)
		for _, name := range f.chunks {
			fmt.Fprintf(&b, "of %s\n", name)
		}
	}
	return b.Bytes()
}

// contents reads the list of a backup and holds it against its header.
func (s Set) contents(h Header) (*contents, error) {
	b, err := os.ReadFile(s.list(h.Number))
	if err != nil {
		return nil, &record.Error{Kind: record.Invalid, Err: err, Message: fmt.Sprintf("the list of backup %d is missing: %s", h.Number, s.list(h.Number))}
	}
	if sum(b) != h.List {
		return nil, record.Errorf(record.Invalid, "the list of backup %d is damaged: %s is not what was written", h.Number, s.list(h.Number))
	}
	c, file := newContents(), ""
	scan := bufio.NewScanner(bytes.NewReader(b))
	for scan.Scan() {
		kind, rest, _ := strings.Cut(scan.Text(), " ")
		switch kind {
		case "chunk":
			f := strings.Fields(rest)
			size, err := strconv.ParseInt(f[len(f)-1], 10, 64)
			if err != nil || len(f) != 3 || len(f[0]) != 2*nameBytes {
				return nil, fmt.Errorf("%s: %q is no chunk", s.list(h.Number), rest)
			}
			c.add(f[0], chunkRef{f[1], size})
		case "file":
			size, path, _ := strings.Cut(rest, " ")
			n, err := strconv.ParseInt(size, 10, 64)
			if err != nil {
				return nil, err
			}
			file = path
			c.files[file] = fixed{size: n}
		case "of":
			f := c.files[file]
			f.chunks = append(f.chunks, rest)
			c.files[file] = f
		}
	}
	return c, scan.Err()
}
