-- +goose Up

-- JSON of record.Signature; NULL where none was asked for. The leaf of the row covers it.
ALTER TABLE audit ADD COLUMN signature TEXT;

-- Public halves only. A removed passkey goes; the log keeps whose it was, and each signature its key. Times are Unix
-- microseconds.
CREATE TABLE passkey (
    id         BLOB PRIMARY KEY,
    user_id    TEXT    NOT NULL,
    rp         TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    key        BLOB    NOT NULL,
    counter    INTEGER NOT NULL,
    transports TEXT    NOT NULL,
    created_at INTEGER,
    used_at    INTEGER,
    cloned_at  INTEGER
);
CREATE INDEX passkey_user ON passkey (user_id, created_at);

-- A browser that several officers share. id is the SHA-256 of a cookie that only this browser has.
CREATE TABLE device (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    marked_by  TEXT NOT NULL,
    created_at INTEGER
);

-- A session on a shared device: parked behind a PIN while locked_at is set. pin is a PHC string over PIN and device cookie;
-- secret keys the drafts that the browser keeps.
ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN pin TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN pin_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN locked_at INTEGER;
ALTER TABLE session ADD COLUMN secret BLOB;
CREATE INDEX session_device ON session (device, created_at) WHERE device <> '';
