-- The index tables: what bodies say in the six words, one row each, under k = vid<<12 | n. They can be dropped at any time;
-- Reindex writes them again. Raise indexVersion in schema.go whenever this file changes.

CREATE TABLE entity (
    eid  INTEGER PRIMARY KEY,
    type INTEGER NOT NULL,
    key  TEXT    NOT NULL
);
CREATE UNIQUE INDEX entity_key ON entity (type, key);

CREATE TABLE mention (
    k     INTEGER PRIMARY KEY,
    eid   INTEGER NOT NULL,
    role  INTEGER NOT NULL,
    label TEXT    NOT NULL,
    vis   INTEGER NOT NULL,
    until INTEGER
);
CREATE INDEX mention_eid ON mention (eid, k, vis, until);

CREATE TABLE link (
    k     INTEGER PRIMARY KEY,
    src   INTEGER NOT NULL,
    dst   INTEGER NOT NULL,
    rel   INTEGER NOT NULL,
    t     INTEGER,
    vis   INTEGER NOT NULL,
    until INTEGER
);
CREATE INDEX link_src ON link (src, k, dst, rel, vis, t, until);
CREATE INDEX link_dst ON link (dst, k, src, rel, vis, t, until);

-- A place is looked up along the time: an index of its own would cost a random page for each event.
-- cell is the tenth of a degree the point lies in: row * 3600 + column, row 0 at the south pole, column 0 at 180 W.
CREATE TABLE event (
    k     INTEGER PRIMARY KEY,
    t     INTEGER,
    kind  INTEGER NOT NULL,
    place INTEGER NOT NULL,
    lat   DOUBLE PRECISION,
    lon   DOUBLE PRECISION,
    cell  INTEGER,
    vis   INTEGER NOT NULL,
    until INTEGER
);
CREATE INDEX event_t ON event (t, k, kind, place, vis, until);
CREATE INDEX event_cell ON event (cell, t, k, vis, until) WHERE cell IS NOT NULL;

CREATE TABLE measure (
    k     INTEGER PRIMARY KEY,
    name  INTEGER NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    unit  INTEGER NOT NULL,
    t     INTEGER,
    vis   INTEGER NOT NULL,
    until INTEGER,
    d1 INTEGER, d2 INTEGER, d3 INTEGER, d4 INTEGER, d5 INTEGER, d6 INTEGER, d7 INTEGER, d8 INTEGER
);

-- slot says which dimension stands in d1..d8 of a measure.
CREATE TABLE slot (
    name INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    dim  INTEGER NOT NULL,
    PRIMARY KEY (name, slot)
);

CREATE TABLE person (
    k      INTEGER PRIMARY KEY,
    listed INTEGER NOT NULL,
    vis    INTEGER NOT NULL,
    until  INTEGER,
    person BLOB    NOT NULL
);
CREATE INDEX person_listed ON person (listed, k, vis, until);

-- latin holds the folded forms that words does not hold already.
CREATE TABLE txt (
    vid   INTEGER PRIMARY KEY,
    words TEXT NOT NULL,
    latin TEXT NOT NULL
);
CREATE VIRTUAL TABLE fts USING fts5(words, latin, content='txt', content_rowid='vid',
    tokenize='unicode61 remove_diacritics 2');
INSERT INTO fts(fts, rank) VALUES ('secure-delete', 1);
-- Small pages: merging is done 64 pages at a time, within somebody's commit.
INSERT INTO fts(fts, rank) VALUES ('pgsz', 1000);
