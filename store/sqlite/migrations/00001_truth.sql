-- What cannot be computed again: records, audit, cursors, users. Index tables are in index.sql and never migrate.
-- Times are Unix milliseconds UTC unless a comment says otherwise. k = vid<<12 | n names row n of revision vid.

-- +goose Up

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
);

CREATE TABLE cursor (
    name TEXT PRIMARY KEY,
    at   INTEGER NOT NULL
);

-- vis is a class of visibility: one interned record.Scope. Rows never change and never go.
CREATE TABLE vis (
    vis        INTEGER PRIMARY KEY,
    node       TEXT NOT NULL,
    agency     TEXT NOT NULL,
    marking    TEXT NOT NULL,
    tlp        TEXT NOT NULL,
    topic      TEXT NOT NULL,
    place      TEXT NOT NULL,
    releasable TEXT NOT NULL,
    codes      TEXT NOT NULL,
    case_      TEXT NOT NULL,
    UNIQUE (node, agency, marking, tlp, topic, place, releasable, codes, case_)
);

-- term holds words of vocabularies, never a word about a person: it is not erased.
CREATE TABLE term (
    id    INTEGER PRIMARY KEY,
    space TEXT NOT NULL,
    code  TEXT NOT NULL,
    UNIQUE (space, code)
);

-- record is what a list shows; at is occurred, or created where the record does not say when it occurred. title, state
-- and gen (the index generation) are written again by a reindex.
CREATE TABLE record (
    vid      INTEGER PRIMARY KEY,
    id       BLOB    NOT NULL,
    rev      INTEGER NOT NULL,
    until    INTEGER,
    kind     INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    key      TEXT,
    vis      INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    occurred INTEGER,
    changed  INTEGER NOT NULL,
    expires  INTEGER,
    gen      INTEGER NOT NULL,
    state    INTEGER,
    title    TEXT    NOT NULL
);
CREATE UNIQUE INDEX record_id ON record (id, rev);
CREATE UNIQUE INDEX record_key ON record (kind, key) WHERE until IS NULL AND key IS NOT NULL;
CREATE INDEX record_kind ON record (kind, at, vid, vis, until);
CREATE INDEX record_at ON record (at, vid, kind, vis, until);
CREATE INDEX record_state ON record (kind, state, at, vid, vis, until) WHERE state IS NOT NULL;

CREATE TABLE body (
    vid      INTEGER PRIMARY KEY,
    envelope BLOB NOT NULL,
    body     BLOB NOT NULL
);

CREATE TABLE parent (
    k      INTEGER PRIMARY KEY,
    parent BLOB    NOT NULL,
    vis    INTEGER NOT NULL,
    until  INTEGER
);
CREATE INDEX parent_parent ON parent (parent, k, vis, until);

-- erased remembers ids only, so that a restored backup can erase again.
CREATE TABLE erased (
    id BLOB PRIMARY KEY,
    at INTEGER NOT NULL
);

-- took is in nanoseconds. leaf is NULL until the sequencer took the row.
CREATE TABLE audit (
    number        INTEGER PRIMARY KEY,
    at            INTEGER NOT NULL,
    user_id       TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    agency        TEXT    NOT NULL,
    place         TEXT    NOT NULL,
    action        TEXT    NOT NULL,
    topic         TEXT    NOT NULL,
    subject       BLOB,
    many          INTEGER NOT NULL,
    ids           TEXT    NOT NULL,
    purpose_kind  TEXT    NOT NULL,
    purpose_ref   TEXT    NOT NULL,
    purpose_text  TEXT    NOT NULL,
    purpose_since INTEGER,
    purpose_until INTEGER,
    verdict       TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    took          INTEGER NOT NULL,
    salt          BLOB    NOT NULL,
    leaf          BLOB
);
CREATE INDEX audit_user ON audit (user_id, number);
CREATE INDEX audit_subject ON audit (subject, number) WHERE subject IS NOT NULL;
CREATE INDEX audit_ref ON audit (purpose_ref, number) WHERE purpose_ref <> '';
CREATE INDEX audit_at ON audit (at);

-- tree holds the stored hashes by position (tlog.StoredHashIndex).
CREATE TABLE tree (
    pos  INTEGER PRIMARY KEY,
    hash BLOB NOT NULL
);

CREATE TABLE checkpoint (
    n    INTEGER PRIMARY KEY,
    text BLOB NOT NULL
);

-- Times of users and sessions are Unix microseconds.
CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    display       TEXT NOT NULL,
    agency        TEXT NOT NULL,
    place         TEXT NOT NULL,
    roles         TEXT NOT NULL,
    lang          TEXT NOT NULL,
    disabled      INTEGER NOT NULL,
    must_change   INTEGER NOT NULL,
    password_hash TEXT NOT NULL,
    password_at   INTEGER,
    totp_secret   TEXT NOT NULL,
    totp_pending  TEXT NOT NULL,
    totp_step     INTEGER NOT NULL,
    epoch         INTEGER NOT NULL,
    created_at    INTEGER
);

CREATE TABLE session (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL,
    epoch      INTEGER NOT NULL,
    created_at INTEGER,
    seen_at    INTEGER,
    address    TEXT NOT NULL,
    purpose    TEXT NOT NULL
);
CREATE INDEX session_user ON session (user_id, created_at);
