// Package evidence keeps what proves something: photographs, documents, messages that an officer attaches to a hit, a
// journey or any other record.
//
// # Nouns
//
//   - Exhibit: what was obtained, how, by whom, on which legal basis, a record of kind "evidence.exhibit" that carries the
//     files in its envelope and is a child of what it proves.
//   - Hold: why an exhibit, and what it proves, must not be erased yet.
//   - Room.Create, Room.Erase: the two acts.
//
// # Promises
//
//   - An exhibit is handled at least as strictly as everything it proves (record.Handling.Join) and stands in the same
//     compartment. Erasing what it proves erases it, unless it is held.
//   - A hold is said in the words everybody understands (record.Index.Hold). It names the exhibit and all it proves.
//   - Creating is safe to repeat: the same upload makes one exhibit. An exhibit is stored with all its files or not at all.
//   - That a file still tells where it was made is an act of its own, with the reason.
//   - A held exhibit is not erased; the answer names basis and day.
//
// # Must never
//
// Open a file, or decide what a file proves.
package evidence
