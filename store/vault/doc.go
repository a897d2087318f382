// Package vault keeps the bytes of attachments: encrypted chunks in files beside the database.
//
//	keys/vault.age           opens chunks and uploads (age identity, X25519 + ML-KEM-768); made once, 0600
//	keys/vault.key           keys the names (32 bytes, hexadecimal); made once, 0600
//	attachments/ab/ab...64   one chunk each: an age file (age-encryption.org/v1) around at most ChunkSize bytes; never changed
//	uploads/ID               one file on its way in: what is known of it and the bytes that do not fill a chunk yet, as an age file
//
// # Nouns
//
//   - Chunk: at most ChunkSize bytes of a file, named by HMAC-SHA-256 over them. The same bytes are stored once; without the
//     key nobody can test whether a known file is here.
//   - Upload: a file on its way in. It holds its chunks against deletion until a record names them or it expires.
//   - Rendition: a picture of at most MaxSmall bytes that we drew ourselves.
//   - Orphan: a chunk that no record and no upload names.
//
// # Promises
//
//   - A chunk is on the disk, synced and under its name, before anything names it; the store refuses a record that names
//     what is not there.
//   - Nothing of a file, its name included, lies on the disk in the clear, not even half way in.
//   - What Append has said is here is here after a kill. A sender that lost the line asks where the file stands and goes on.
//   - What is read is what was stored: each chunk is opened and held against its name before a byte of it goes out.
//   - A chunk is deleted in the act that drops the last record naming it; what a killed program leaves behind is collected at
//     the next start, other orphans after Grace. Nothing that an upload or a record names is ever deleted.
//   - What a file holds is parsed only by Read, which a node runs in a child process without keys (Quarantined); what comes
//     back is believed no further than it must be. A file that ends its reader is thrown away with one sentence.
//   - A picture is opened only after its header says that it fits into MaxDecoded bytes of memory.
//   - Place, device and author are taken out of JPEG, PNG, WebP and GIF without touching a pixel, or the file is refused, or
//     it is kept as it came on purpose.
//
// # Must never
//
// Decide who may read; believe a name or a told type; write into a chunk that is there.
package vault
