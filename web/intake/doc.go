// Package intake is how a door reads what people bring: passenger messages and watchlists go through a child process that
// holds no keys (package quarantine), and come back as what the rooms take.
//
// Nouns: Reader (reads files from outside), Kinds (the parsers the child knows), File (one file).
//
// Guarantees: what the parsers give is what arrives, person for person and letter for letter, so that a file read here and
// one read in this process leave the same records. A file that breaks, starves or blocks its parser gives one sentence and
// nothing of it: messages are handed over only after their whole file has been read once. The hash of a file is taken here,
// from the bytes that came, and entries are sealed here; neither is believed from the child.
//
// The package must never parse a file itself. Files that this program has made, such as those of a demonstration, need no
// Reader.
package intake
