// Package relay carries messages between nodes so that none is lost and none is taken up twice, over a line that is bad, dear and
// often down, through a hub that is not believed.
//
// # Nouns
//
//   - Relay: the engine of one node. It moves what rooms dispatched (record.Dispatch) and hands what arrived (record.Arrival)
//     to the handler of its kind.
//   - Bearer: what takes sealed bytes to the hub and brings others from it (internal/bus), or a twin, or a folder.
//   - Service message: a message of the relay itself: receipts, what is asked for again, what is gone, heartbeats, pieces of
//     files. It is sealed and signed like all others, has no number and gets no receipt. All are safe to repeat.
//   - Freight: a large file, moving in pieces in the bulk lane.
//
// # Promises
//
//   - Outbox and inbox in the store are the truth. A message is handed over again until the addressee's signed receipt is here; it
//     is acknowledged to the bearer, alone, only after it and the receipt that goes back are stored. So it arrives
//     at least once, and the inbox takes it once.
//   - A handler takes an arrival up in the act that settles it: both or nothing, once.
//   - Lanes have loops of their own and wait for nobody. What routine and bulk have on the line at once is about a second of it.
//   - Numbers run without gaps per pair, lane and incarnation; what is missing is asked for again and never holds back what came
//     after it. What can be sent no more is said to be gone, and shown.
//   - What cannot be opened is kept as it came, acknowledged, and shown; it holds nothing up.
//   - A node that was restored from an older backup gets what it lacks again (sealed bytes are kept a week after delivery), and
//     sends what has no receipt under its old name.
//
// # Must never
//
// It never reads a content that is not its own service message, never decides what may be sent or believed (Seal, Open and
// handlers do), never acknowledges more than one message at once, and writes no content and no name of a person to a log.
//
// Everything is by ids of messages and names of nodes. Times are UTC by the clock of Config.
package relay
