-- The newest list of revoked keys of each identity issuer.
CREATE TABLE key_revocations (
    issuer    TEXT    NOT NULL PRIMARY KEY,
    number    INTEGER NOT NULL,
    envelope  BLOB    NOT NULL,            -- as the issuer signed it
    taken_ms  INTEGER NOT NULL
) STRICT;
