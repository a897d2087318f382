// Package attach is the vocabulary of files that come in and go out as attachments: what an upload is, what the doors may
// ask of the place where files lie, and what may be done with which type.
//
// # Nouns
//
//   - [Upload]: a file on its way in. It survives a broken line and a killed node; who began it goes on where it stood.
//   - [Choice]: what the officer decided about the place, device and author that a file may tell.
//   - [Group]: what a type is for a person: picture, document, mail ... or opaque.
//   - [WrongOffset]: the sender and the node do not agree where the file stands; it says where.
//
// # Must never
//
// Believe a name or a type that somebody told; open a file.
package attach
