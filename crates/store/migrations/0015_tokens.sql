-- Tokens of the party's staff: of each the hash of its secret, never the secret. What was revoked or
-- has expired stays, so that no name in the log ever stands for two.
CREATE TABLE tokens (
    name       TEXT NOT NULL PRIMARY KEY,
    role       TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    made_ms    INTEGER NOT NULL,
    -- The token under which it was made; null: over the party's own socket.
    made_by    TEXT,
    expires_ms INTEGER NOT NULL,
    revoked_ms INTEGER,
    used_ms    INTEGER
) STRICT;
