-- +goose Up

-- What records carry as files, for each revision: k = vid<<12 | n as elsewhere. Erasure, quota, access and the search for
-- orphans work on these rows and never read a body. The bytes lie beside the database (store/vault).
CREATE TABLE attachment (
    k     INTEGER PRIMARY KEY,
    id    BLOB    NOT NULL,
    hash  TEXT    NOT NULL,
    size  INTEGER NOT NULL,
    by_   TEXT    NOT NULL,
    until INTEGER
);
CREATE INDEX attachment_id ON attachment (id, k);
CREATE INDEX attachment_by ON attachment (by_, id, size);

-- One row for each chunk that an attachment needs. A chunk without a row is named by nobody.
CREATE TABLE chunk (
    name BLOB    NOT NULL,
    k    INTEGER NOT NULL,
    PRIMARY KEY (name, k)
) WITHOUT ROWID;
CREATE INDEX chunk_k ON chunk (k);
