// Package backup keeps encrypted copies of a data directory in another one, and brings them back.
//
// # Nouns
//
//   - set: a directory of backups of one node, for one recovery key.
//   - chunk: a piece of a file, encrypted by age (age-encryption.org/v1) to the recovery key. Its name is a keyed hash of what it
//     holds, so what did not change is not written again.
//   - header: what a backup says of itself in the clear: node, time, number, sizes. A signed note of the node's own key.
//   - list: names and SHA-256 of the chunks of a backup, in the clear.
//   - manifest: what the backup is made of; encrypted.
//   - journal of erasures: ids and times, chained by keyed hashes; it grows between backups, so that an older backup erases again.
//   - recovery key: a hybrid of ML-KEM-768 and X25519. The node holds the recipient only; the secret half was printed.
//   - keys: the secrets of the node itself, in a file of their own, closed with printed words or with the recovery key.
//
// # Promises
//
//   - A backup is one state of the database, though readers and writers go on. No copy in the clear is made on any disk.
//   - It is there with its header, which is written last, when everything was read back; a program that is killed leaves the
//     former backups as they were, and the next backup sweeps up.
//   - No word of a record, no file name of a carrier and no key of the node stands in a set in the clear.
//   - Whoever changes, removes or adds a byte is found: by the hashes without the recovery key, by signature, keyed names and
//     age with it. A backup made by somebody else is refused.
//   - A restore writes into an empty directory only, which says that it is half restored until it is not.
//   - A journal that was cut off below what any backup of the set knew of, changed, or taken away is found.
//
// # Limits
//
// One backup at a time on a set. Whoever may write to the set can remove it: keep two, in two places. Names and number of chunks
// tell how much changed. A whole set that is put back to an older day, journal and all, is not told from an older day: give the
// newest journal with it, from the node's directory if that is left.
//
// # Must never
//
// Hold the secret half of the recovery key longer than a restore; put a key of the node into a set; follow a path out of the
// directory that is restored; know a kind of record.
package backup
