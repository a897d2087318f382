-- +goose Up

-- The envelope as its writer wrote it, when that says more than this program can: other nodes' newer envelopes. NULL for our
-- own. The key of a record stands in record.key only where this node is its writer: two nodes may give the same key.
ALTER TABLE body ADD COLUMN wire BLOB;
