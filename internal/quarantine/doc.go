// Package quarantine reads files from outside in a child process that can do nothing else: law 13, "a file from outside is
// an enemy until a parser that holds no keys has read it".
//
// Nouns: Cell (where a file is read, with its Limits), Ward (how many read at once), Kinds (the parsers that a program offers, by name), Out (what a parser
// writes its lines to), Level (how well this machine shuts a cell), Failure (why a reading was ended).
//
// The child is the same program, started again as
//
//	sarhad parse --quarantined KIND LIMITS
//
// with an empty environment, the root as working directory, the file on standard input and lines of JSON on standard
// output. Before it reads the first byte it gives up what it could do harm with:
//
//   - Linux: limits on memory (RLIMIT_DATA, RLIMIT_AS), processor time, file size, open files and core dumps;
//     no_new_privs; Landlock, which opens no file, no TCP port and signals nobody; a seccomp filter on all threads, under
//     which a socket, a new process, executable memory or a look into another process ends the child at once, and whatever
//     else a Go program does not need is refused.
//   - Windows: a job object with limits on memory and processor time, one process, killed with the job.
//   - elsewhere: only what the parent does.
//
// What the kernel lacks is left out; the Level says what was achieved. On every system the parent counts bytes and lines,
// waits no longer than Limits.Wait for the next line, and kills the child when its context ends.
//
// # Guarantees
//
//   - Run returns nil only if the parser came to its end by itself, all lines were handed over in order, and each was
//     shorter than Limits.Line.
//   - The parent holds one line at a time. A sink that is slow slows the child down.
//   - Nothing of a child outlives Run: not the process, not a pipe.
//   - Cells that share a Ward have no more children than it has room for; who waits, waits no longer than its context.
//   - An error is a *record.Error with a sentence for the person who brought the file; errors.As finds the *Failure in it.
//     Neither holds anything of the file but its name.
//
// # What callers must do
//
// A program calls Main first of all, and so does TestMain of every test that comes to Run, because the program that is
// started again is then the test. What came out of a child is still the word of a stranger: it is well-formed JSON at
// best. A caller who needs all or nothing keeps the lines until Run has returned nil.
//
// # Who reads without a child, and why
//
// Uploads, attachments, 'sarhad import' of messages and 'sarhad list import' are read by a child, because the process that
// takes them in holds the keys of a node. Three commands read by themselves:
//
//   - 'sarhad parse', 'sarhad screen' and 'sarhad match' are such a process already: they open no data directory, refuse to
//     run inside a node, and hold no key, so that a parser that breaks breaks nothing but the command, with the rights that
//     whoever typed it had anyway. A child would bound their files by the limits of an upload, hold back the first message
//     until the last was read, and say each message twice in JSON, for a parser that is measured by its speed.
//   - 'sarhad import' of record lines, and restoring, read JSON by the standard library into bodies that validate
//     themselves. The parent has to parse each line again to store it, so a child in front of it would keep nothing out.
//     There is no door for such lines: an administrator brings them, at the machine of the node.
//
// The package must never log or return what a child wrote on standard error: a crash may print what it was reading.
package quarantine
