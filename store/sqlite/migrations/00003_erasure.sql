-- +goose Up

-- The journal of erasures in commit order: ids and times only. A backup carries it on, so that a restored one erases again.
CREATE TABLE erasure (
    n    INTEGER PRIMARY KEY,
    id   BLOB    NOT NULL,
    what TEXT    NOT NULL,
    at   INTEGER NOT NULL
);
CREATE INDEX erasure_id ON erasure (id);
INSERT INTO erasure (n, id, what, at) SELECT row_number() OVER (ORDER BY at, id), id, 'erase', at FROM erased;
DROP TABLE erased;
