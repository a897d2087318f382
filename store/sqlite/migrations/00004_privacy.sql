-- +goose Up

-- masked is when what names a person was taken out of the revision; the original is sealed, or gone.
ALTER TABLE record ADD COLUMN masked INTEGER;
CREATE INDEX record_expires ON record (expires, vid) WHERE expires IS NOT NULL AND until IS NULL;

-- Originals of masked revisions, encrypted to keys that two bodies hold.
CREATE TABLE sealed (
    vid INTEGER PRIMARY KEY,
    box BLOB    NOT NULL
);

-- Encrypted bytes beside a record: what an unmasking opened, under a key of its own.
CREATE TABLE box (
    id  BLOB PRIMARY KEY,
    box BLOB NOT NULL
);

-- Which act took detail out of which row, and the hash of what it left. A row may be stripped twice: first of free words,
-- later of everything.
CREATE TABLE stripped (
    number INTEGER NOT NULL,
    act    INTEGER NOT NULL,
    rest   BLOB    NOT NULL,
    PRIMARY KEY (number, act)
) WITHOUT ROWID;
CREATE INDEX audit_words ON audit (purpose_text) WHERE purpose_kind <> 'duty' AND purpose_text <> '';
