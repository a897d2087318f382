package record

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxAttachments is how many files one record carries. A record is shared, kept or erased as one: what is more than
	// this is several exhibits.
	MaxAttachments = 64
	// MaxFileName is how many runes of a file's name are kept: the most that a file system of today takes, in bytes.
	MaxFileName = 255
)

// Attachment is a file that a record carries. Its bytes lie encrypted outside the database; the envelope only names the
// chunks. All hashes are keyed by the node, so that who copies a database cannot test whether a known file is in it.
//
// ID names it for ever, whatever record carries it. Hash is the same for the same content on one node, and means nothing on
// another.
type Attachment struct {
	ID        ID         `json:"id" class:"plain"`
	Name      string     `json:"name" class:"text"`        // as given; names of files name people
	Type      string     `json:"type" class:"plain"`       // media type as sniffed from the content (RFC 6838), never as told
	Size      int64      `json:"size" class:"plain"`       // bytes
	Hash      string     `json:"hash" class:"plain"`       // keyed hash of the content, hexadecimal
	Sums      string     `json:"sums" class:"plain"`       // SHA-256 of the content and of the file as it came, sealed by the node; base64
	ChunkSize int        `json:"chunk_size" class:"plain"` // bytes of every chunk but the last
	Chunks    []string   `json:"chunks" class:"plain"`     // names of the chunks in order: keyed hashes, hexadecimal
	Small     *Rendition `json:"small,omitempty"`          // nil = a word says what it is
	Width     int        `json:"width,omitempty" class:"plain"`
	Height    int        `json:"height,omitempty" class:"plain"`
	Pages     int        `json:"pages,omitempty" class:"plain"`
	Cleaned   bool       `json:"cleaned,omitempty" class:"plain"` // place, device and author were taken out of the file
	Kept      *Kept      `json:"kept,omitempty"`                  // they were left in it on purpose
	Added     time.Time  `json:"added" class:"plain"`             // UTC
	By        string     `json:"by,omitempty" class:"plain"`      // user id of who brought it
}

// Rendition is a small picture of an attachment, at most 150 KB, that we made ourselves: it travels first.
type Rendition struct {
	Chunk  string `json:"chunk" class:"plain"`
	Type   string `json:"type" class:"plain"`
	Size   int    `json:"size" class:"plain"` // bytes
	Width  int    `json:"width" class:"plain"`
	Height int    `json:"height" class:"plain"`
}

// Kept says why a file still tells where it was made.
type Kept struct {
	Reason string `json:"reason" class:"plain"` // vocab "location-reasons"
	Note   string `json:"note,omitempty" class:"text"`
}

// Names gives every chunk that the attachment needs, its rendition included.
func (a Attachment) Names() []string {
	out := append([]string(nil), a.Chunks...)
	if a.Small != nil {
		out = append(out, a.Small.Chunk)
	}
	return out
}

// validate checks what the store and every reader rely on.
func (a Attachment) validate() error {
	switch {
	case a.ID.IsZero() || a.Hash == "" || a.Type == "":
		return Errorf(Invalid, "an attachment needs an id, a hash and a type")
	case a.Size < 1 || a.ChunkSize < 1 || int64(len(a.Chunks)) != (a.Size+int64(a.ChunkSize)-1)/int64(a.ChunkSize):
		return Errorf(Invalid, "an attachment of %d bytes cannot have %d chunks of %d bytes", a.Size, len(a.Chunks), a.ChunkSize)
	}
	for _, name := range a.Names() {
		if !chunkName(name) {
			return Errorf(Invalid, "%.80q is no name of a chunk: 64 hexadecimal digits in lower case are expected", name)
		}
	}
	return nil
}

// chunkName keeps names that came from elsewhere from being paths.
func chunkName(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

func checkAttachments(all []Attachment) error {
	if len(all) > MaxAttachments {
		return Errorf(Invalid, "%d files are too many for one record; %d is the most: make two of it", len(all), MaxAttachments)
	}
	seen := map[ID]bool{}
	for _, a := range all {
		if err := a.validate(); err != nil {
			return err
		}
		if seen[a.ID] {
			return Errorf(Invalid, "the attachment %s stands twice in one record", a.ID)
		}
		seen[a.ID] = true
	}
	return nil
}

// FileName is a file's name as it is kept: as given, without the path before it and without signs that nobody sees or that
// turn the direction of writing, which make one name look like another ("exe.gpj"). It is never empty.
func FileName(given string) string {
	if i := strings.LastIndexAny(given, `/\`); i >= 0 {
		given = given[i+1:]
	}
	given = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, given)
	given = strings.Trim(given, " .")
	if runes := []rune(given); len(runes) > MaxFileName {
		given = string(runes[:MaxFileName])
	}
	if given == "" {
		return "file"
	}
	return given
}
