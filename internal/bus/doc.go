// Package bus is the line between nodes and the hub: NATS JetStream, embedded in the hub, and its client on nodes. Nobody else
// imports NATS. It carries envelopes that it cannot read; what it knows of one is what Route reads.
//
// # Nouns
//
//   - Hub: one process of the hub, the server and the router. Start, SetNodes, Deliver, Forget, Counts, Close.
//   - Line: a node's client. Dial, Publish, Fetch, States, Close. A node opens no port.
//   - Node: who may enter, with which keys; the directory says so, at start and whenever it changes.
//   - Way: TCP, WebSocket (RFC 6455) over TLS, either one through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6).
//   - Pin: SHA-256 of a certificate's public key, by which a node's self-signed certificate is known.
//   - Line key: an NKey, made by NewKey; NewCertificate makes the certificate beside it.
//
// # Topology
//
//	node --TLS 1.3, NKey--> account of the node on the hub            account of the addressee
//	     flash    up.NODE.flash   -> stream UP-flash   --router-->  stream DOWN-flash   -> flash    node
//	     routine  up.NODE.routine -> stream UP-routine --router-->  stream DOWN-routine -> routine
//	     bulk     up.NODE.bulk    -> stream UP-bulk    --router-->  stream DOWN-bulk    -> bulk
//
// Each lane of a node has a connection, two streams, a consumer and a loop of its own. Each node has an account: subjects of one
// do not exist in another. Only the router, inside the process of the hub, enters several accounts. A hub is one process, or
// three in a cluster with each stream on three disks; every process routes, and a node may come in at any of them.
//
// # Permissions
//
// The whole list, for a connection of node N on lane L. Everything else is denied, logged with N, and told to Denied.
//
//	publish    up.N.L                                        send
//	publish    $JS.API.CONSUMER.MSG.NEXT.DOWN-L.one          fetch from its own stream
//	publish    $JS.ACK.DOWN-L.one.>                          acknowledge what was fetched
//	subscribe  in.N.>                                        answers and messages
//
// To enter, a connection signs the server's nonce with an NKey of the node, over TLS with a certificate whose pin stands at the
// same node; a key with another node's certificate is denied. A node has one connection for each lane: the newest closes
// the one before it, and what was given to that one and not acknowledged is given out again at once. The answer of a stream to a sender goes where the sender wants; so that it cannot be sent to the door that
// empties a stream, all streams are made with deny_purge and deny_delete.
//
// # Promises
//
//   - Publish returns nil when the hub has the message on disk (sync_interval always), on so many disks as Cluster.Replicas says.
//   - The router acknowledges a message when its addressee's stream has it on disk and Accepted has returned, or when Refused
//     has: unknown addressee, unreadable header, time over, full stream. Nothing is dropped without a word.
//   - Each message is acknowledged by itself (AckExplicit). AckAll is not used anywhere: a message that was delivered before
//     others and lost on the way counts as received when a later one is acknowledged.
//   - A repetition within Window is known by sender and id and stored once. Later ones, those of an acknowledgement that got lost,
//     and those across a restart of the hub, which remembers ids only of what it still keeps, reach the addressee, whose inbox
//     knows the id: at least once here, exactly once there.
//   - A full stream refuses what is new and keeps what it has. What nobody fetched for Limits.Age is dropped; the sender is told a day before.
//   - SetNodes closes the connections of those whom the directory does not let in any more and touches nobody else's.
//   - What is acknowledged is deleted. Logs hold node ids, message ids and reasons.
//
// # Limits
//
// See DefaultLimits: 16, 32 and 4 messages under way, streams of 64 MB, 512 MB and 2 GB, 35 days, envelopes up to 1 MB. A node
// costs the hub six streams and a connection inside the process; some fifty nodes are meant, not thousands.
// Between two lanes of one node the line itself decides: the bulk lane keeps its socket buffers small (LineConfig.Window), so
// that what is urgent waits for some seconds of it at most on 64 kbit/s.
//
// # Must never
//
// Read an envelope, keep a body after it was acknowledged, let a node create, change or read streams, listen at an address that its
// configuration does not name.
package bus
