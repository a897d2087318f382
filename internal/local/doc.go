// Package local lets a command be run inside the node that owns a data directory. One process owns a directory; whoever
// types a command beside it is a client of that process over a Unix domain socket in the directory (AF_UNIX; Windows has it
// since 10 version 1803). The same code of the command runs, on the node's own open store.
//
// # Nouns
//
//   - Request: a command as it was typed: words, working directory, purpose, what of it is a terminal.
//   - Call: a Request inside the node: who asks, where output goes, Files to read and write.
//   - Server: the node's end; Listen makes it. Run and Ask are the client's end.
//   - Files: where a command reads and writes files. Disk for a command in its own process; in a Call the client's.
//
// # Promises
//
//   - Only the account that runs the node, or root, gets in: where the system tells the peer (Linux, SO_PEERCRED) by that,
//     everywhere by a token that stands in a file of the data directory which only its owner may read.
//   - Files are opened by the client, with the rights of whoever typed the command; the node opens no path for anybody. The
//     client opens only what its own command line names: a node in foreign hands reads nothing else through root's client.
//   - Ctrl+C at the client, and the client's death, end the context of the command. Acts are transactions, so that what was
//     not finished did not happen.
//   - Close ends all commands and waits for them.
//
// # Must never
//
// Log arguments: they hold names. Decide who may do what: that is the command's business with record/access. Serve a
// network.
//
// # Wire
//
// Frames of one byte (what), four bytes (length, big-endian) and at most maxFrame bytes. The client begins with a hello
// (Request as JSON), the node answers with its Info, then output, requests for files and one exit code. A hello without
// words only asks for the Info. Unknown fields are ignored, so that neighbouring releases talk to each other.
package local
