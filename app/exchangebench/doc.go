// Package exchangebench measures what goes between nodes: a hub and two nodes in one process with real TLS between them, every
// message sealed, signed, written to disk and synced at each of its three hops, and acknowledged by a signed receipt; and the memory
// of an idle node in a process of its own.
//
// With evidence it writes the ids that went in and the ids that came out, one a line, so that losses and duplicates can be counted by
// somebody who does not trust the measurement.
package exchangebench
