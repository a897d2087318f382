package vault

import (
	"time"

	"sarhad/record"
)

// Limits bound what comes in. The zero value of each takes its default.
type Limits struct {
	File    int64 // bytes of one file
	User    int64 // bytes of everything one user brought and is bringing
	Node    int64 // bytes of everything
	Uploads int   // files that one user has on their way at once
}

// The defaults of Limits, and how long what is half done stays.
const (
	// MaxFile is a quarter of an hour of video of a phone at the size a court accepts; what is longer belongs on a medium
	// of its own.
	MaxFile = 512 << 20
	// MaxUser keeps one account, stolen or careless, from filling the disk of the post: a year of photographs of a busy
	// officer is a tenth of it.
	MaxUser = 20 << 30
	// MaxNode is half the disk of the smallest machine that a node is run on, so that database and log always have room.
	MaxNode = 120 << 30
	// MaxUploads is a drop of a folder of photographs.
	MaxUploads = 100

	// Expire is how long a file that is half way in waits for the rest: until the next shift of the same officer.
	Expire = 24 * time.Hour
	// Grace is how old a chunk that nobody names must be before it is collected while the node runs. Uploads hold theirs,
	// so this is a second belt only: for copies that another program makes of the directory.
	Grace = time.Hour
	// Sweep is how often uploads expire and orphans are looked for.
	Sweep = time.Hour
)

// OrDefaults gives the limits with every zero value replaced by its default.
func (l Limits) OrDefaults() Limits {
	if l.File == 0 {
		l.File = MaxFile
	}
	if l.User == 0 {
		l.User = MaxUser
	}
	if l.Node == 0 {
		l.Node = MaxNode
	}
	if l.Uploads == 0 {
		l.Uploads = MaxUploads
	}
	return l
}

// check refuses a file that does not fit. mine and all count what is here and on its way, without the file.
func (l Limits) check(size, mine, all int64, uploads int) error {
	const mb = 1 << 20
	switch {
	case size < 1:
		return record.Errorf(record.Invalid, "the file is empty: there is nothing to keep")
	case size > l.File:
		return record.Errorf(record.Invalid, "the file has %d MB; %d MB is the most for one file: send the part that matters, or keep it on a medium and describe that", size/mb, l.File/mb)
	case uploads >= l.Uploads:
		return record.Errorf(record.Conflict, "%d of your files are still on their way: let them arrive or cancel them first", uploads)
	case mine+size > l.User:
		return record.Errorf(record.Conflict, "your files would come to %d MB; %d MB is the most for one officer: ask your supervisor which exhibits may go", (mine+size)/mb, l.User/mb)
	case all+size > l.Node:
		return record.Errorf(record.Unavailable, "there is no room for this file on the node: tell the administrator that attachments reached their limit of %d MB", l.Node/mb)
	}
	return nil
}
