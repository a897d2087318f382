-- +goose Up

-- Oversight asks for the acts of one action, newest first: it must not read a log of years for them.
CREATE INDEX audit_action ON audit (action, number);
