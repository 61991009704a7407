-- The registry's statements that decisions rest on, by registry and number: what one says of a number
-- is nothing to another's. Those from before are not taken over, for whose they are was not looked at:
-- online they are asked for again, offline the newest bundle is imported again.
DROP TABLE statements;
CREATE TABLE statements (
    registry       TEXT    NOT NULL,
    authorisation  TEXT    NOT NULL,
    issued_ms      INTEGER NOT NULL,
    bundled        INTEGER NOT NULL,       -- 1: taken in from a bundle
    envelope       BLOB    NOT NULL,
    PRIMARY KEY (registry, authorisation)
) STRICT, WITHOUT ROWID;
