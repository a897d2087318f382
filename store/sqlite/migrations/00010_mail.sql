-- +goose Up

-- What is sent to other nodes (record.Dispatch). life is the incarnation of this store that gave seq. receipt names a row of
-- dispatch_receipt by its SHA-256. settled is when it was first delivered or closed.
CREATE TABLE dispatch (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    id        BLOB    NOT NULL,
    peer      TEXT    NOT NULL,
    lane      TEXT    NOT NULL,
    seq       INTEGER NOT NULL,
    life      TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    about     BLOB,
    state     TEXT    NOT NULL,
    problem   TEXT    NOT NULL,
    receipt   BLOB,
    tries     INTEGER NOT NULL,
    due       INTEGER NOT NULL,
    service   INTEGER NOT NULL,
    queued    INTEGER NOT NULL,
    tried     INTEGER,
    accepted  INTEGER,
    delivered INTEGER,
    closed    INTEGER,
    settled   INTEGER,
    expires   INTEGER,
    content   BLOB,
    wire      BLOB
);
CREATE UNIQUE INDEX dispatch_id ON dispatch (id);
CREATE UNIQUE INDEX dispatch_seq ON dispatch (peer, lane, life, seq) WHERE seq > 0;
CREATE INDEX dispatch_queue ON dispatch (state, peer, lane, number) WHERE settled IS NULL;
CREATE INDEX dispatch_due ON dispatch (peer, lane, number) WHERE due = 1;
CREATE INDEX dispatch_tried ON dispatch (tried, number) WHERE state = 'accepted';
CREATE INDEX dispatch_expires ON dispatch (expires, number) WHERE expires IS NOT NULL AND closed IS NULL;
CREATE INDEX dispatch_about ON dispatch (about, number) WHERE about IS NOT NULL;
CREATE INDEX dispatch_peer ON dispatch (peer, number) WHERE service = 0;
CREATE INDEX dispatch_delivered ON dispatch (peer, delivered) WHERE delivered IS NOT NULL;
CREATE INDEX dispatch_unclosed ON dispatch (peer, number) WHERE state = 'delivered';
CREATE INDEX dispatch_waiting ON dispatch (peer, lane, state, queued, settled, service) WHERE settled IS NULL AND service = 0;
CREATE INDEX dispatch_wire ON dispatch (settled) WHERE wire IS NOT NULL;
CREATE INDEX dispatch_settled ON dispatch (settled) WHERE settled IS NOT NULL;

-- Signed receipts as they came. One is often about many messages; it names ids and no person.
CREATE TABLE dispatch_receipt (
    hash BLOB PRIMARY KEY,
    body BLOB NOT NULL
) WITHOUT ROWID;

-- Numbers given, for each pair, lane and incarnation.
CREATE TABLE dispatch_seq_last (
    peer TEXT    NOT NULL,
    lane TEXT    NOT NULL,
    life TEXT    NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (peer, lane, life)
) WITHOUT ROWID;

-- What came from other nodes (record.Arrival). peer is '' while it cannot be read.
CREATE TABLE arrival (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    id      BLOB    NOT NULL,
    peer    TEXT    NOT NULL,
    lane    TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    life    TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    about   BLOB,
    state   TEXT    NOT NULL,
    problem TEXT    NOT NULL,
    sent    INTEGER,
    arrived INTEGER NOT NULL,
    opened  INTEGER,
    content BLOB,
    kept    BLOB
);
CREATE UNIQUE INDEX arrival_id ON arrival (peer, id);
CREATE INDEX arrival_lane ON arrival (lane, number) WHERE state = 'new';
CREATE INDEX arrival_new ON arrival (number) WHERE state = 'new';
CREATE INDEX arrival_unreadable ON arrival (number) WHERE state = 'unreadable';
CREATE INDEX arrival_about ON arrival (about, number) WHERE about IS NOT NULL;
CREATE INDEX arrival_peer ON arrival (peer, number);

-- Numbers that came or are known to be gone, as ranges that do not touch: what is between them is missing.
CREATE TABLE arrival_span (
    peer  TEXT    NOT NULL,
    lane  TEXT    NOT NULL,
    life  TEXT    NOT NULL,
    first INTEGER NOT NULL,
    last  INTEGER NOT NULL,
    PRIMARY KEY (peer, lane, life, first)
) WITHOUT ROWID;

-- Receipts that others are to get.
CREATE TABLE owed (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    peer    TEXT NOT NULL,
    lane    TEXT NOT NULL,
    id      BLOB NOT NULL,
    state   TEXT NOT NULL,
    problem TEXT NOT NULL
);
CREATE UNIQUE INDEX owed_id ON owed (peer, id);
CREATE INDEX owed_peer ON owed (peer, lane, number);

-- state is JSON of record.Peer.
CREATE TABLE peer (
    name  TEXT PRIMARY KEY,
    state TEXT NOT NULL
) WITHOUT ROWID;

-- Large files on their way, out and in (record.Freight).
CREATE TABLE freight (
    id      BLOB    NOT NULL,
    peer    TEXT    NOT NULL,
    out     INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    about   BLOB,
    ref     TEXT    NOT NULL,
    meta    BLOB,
    size    INTEGER NOT NULL,
    hash    BLOB    NOT NULL,
    have    TEXT    NOT NULL,
    sent    INTEGER NOT NULL,
    rounds  INTEGER NOT NULL,
    state   TEXT    NOT NULL,
    problem TEXT    NOT NULL,
    since   INTEGER NOT NULL,
    moved   INTEGER NOT NULL,
    PRIMARY KEY (out, peer, id)
) WITHOUT ROWID;
CREATE INDEX freight_state ON freight (out, state, since);
CREATE INDEX freight_about ON freight (about) WHERE about IS NOT NULL;
