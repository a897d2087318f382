-- +goose Up

-- The directory of the network: statements as they came, in the order of the log. known is when a statement began to count
-- here, milliseconds UTC; NULL while it waits for cosignatures. What counts is never changed.
CREATE TABLE directory_leaf (
    pos   INTEGER PRIMARY KEY,
    data  BLOB    NOT NULL,
    known INTEGER
);

-- Cosigned checkpoints by how many statements they cover, with the newest cosignatures.
CREATE TABLE directory_checkpoint (
    size INTEGER PRIMARY KEY,
    text BLOB    NOT NULL
);

-- What must survive beside them: what a witness cosigned last, invitations that wait, the proof of a fork.
CREATE TABLE directory_note (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
