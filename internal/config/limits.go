package config

import (
	"fmt"
	"regexp"
	"strconv"
)

// Limits are those of attached files; 0 = the default of the store.
type Limits struct {
	File    int64 // bytes of one file
	User    int64 // bytes of everything that one user brought
	Node    int64 // bytes of everything
	Uploads int   // files that one user has on their way at once
}

const (
	mb = 1 << 20
	gb = 1 << 30
	// mostFile is what the quarantine reads to its end within its time, and a weak line carries in a day.
	mostFile = 2 * gb
	// mostAtOnce is far above any machine's processors: each reading may want three quarters of a gigabyte.
	mostAtOnce = 64
	// mostUploads is a card of a camera, dropped whole.
	mostUploads = 10_000
)

var sizeForm = regexp.MustCompile(`^([1-9][0-9]{0,5}) ?(MB|GB)$`)

// sizeOf reads "512 MB" or "20 GB", units of 1024; "" is 0.
func sizeOf(text string) (n int64, ok bool) {
	if text == "" {
		return 0, true
	}
	m := sizeForm.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	n, _ = strconv.ParseInt(m[1], 10, 64) // six digits
	if m[2] == "GB" {
		return n * gb, true
	}
	return n * mb, true
}

// countOf reads a number from 1 to most; "" is 0.
func countOf(text string, most int) (n int, ok bool) {
	if text == "" {
		return 0, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= most
}

// Attachments gives the limits of attached files of valid settings.
func (c Config) Attachments() (l Limits) {
	l.File, _ = sizeOf(c.AttachmentFile) // Validate has looked
	l.User, _ = sizeOf(c.AttachmentUser)
	l.Node, _ = sizeOf(c.AttachmentNode)
	l.Uploads, _ = countOf(c.AttachmentUploads, mostUploads)
	return l
}

// ReadersAtOnce is how many files from outside are read at the same time; 0 = the default of the quarantine.
func (c Config) ReadersAtOnce() int {
	n, _ := countOf(c.Readers, mostAtOnce) // Validate has looked
	return n
}

func (c Config) limitProblems(add func(key, text string)) {
	for _, s := range []struct{ key, value string }{
		{"attachment_file", c.AttachmentFile}, {"attachment_user", c.AttachmentUser}, {"attachment_node", c.AttachmentNode},
	} {
		if n, ok := sizeOf(s.value); !ok {
			add(s.key, `must be a size in quotes, such as "512 MB" or "20 GB"; "" for the default`)
		} else if s.key == "attachment_file" && n > mostFile {
			add(s.key, `is more than "2 GB", which is not read in time: keep what is larger on a medium of its own`)
		}
	}
	if _, ok := countOf(c.AttachmentUploads, mostUploads); !ok {
		add("attachment_uploads", fmt.Sprintf(`must be a number in quotes from "1" to "%d"; "" for the default`, mostUploads))
	}
	if _, ok := countOf(c.Readers, mostAtOnce); !ok {
		add("readers_at_once", fmt.Sprintf(`must be a number in quotes from "1" to "%d"; "" for the default`, mostAtOnce))
	}
}
