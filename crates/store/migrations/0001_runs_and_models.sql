-- One execution of a protocol, as this party knows it.
CREATE TABLE runs (
    -- Never changes:
    id          TEXT    NOT NULL PRIMARY KEY,  -- 32 hexadecimal digits, the same at every party
    protocol    TEXT    NOT NULL,              -- psi, key, table, score
    role        TEXT    NOT NULL,              -- receiver, sender, lender, platform, holder
    peers       TEXT    NOT NULL,              -- JSON array of party names
    ours        INTEGER NOT NULL,              -- 1: proposed by this party
    terms       TEXT    NOT NULL,              -- JSON; what `runs again` needs
    created_ms  INTEGER NOT NULL,              -- milliseconds since the Unix epoch
    -- Changes:
    state       TEXT    NOT NULL,              -- proposed, agreed, running, done, unconfirmed, failed
    phase_en    TEXT    NOT NULL DEFAULT '',   -- what was happening last
    phase_zh    TEXT    NOT NULL DEFAULT '',
    updated_ms  INTEGER NOT NULL,
    -- Set when the run ends:
    trouble     TEXT,                          -- JSON: code, en, zh, side
    report      TEXT,                          -- JSON
    result      TEXT                           -- path of the result, if the run left a file
) STRICT;

CREATE INDEX runs_by_time ON runs (created_ms DESC);
CREATE INDEX runs_by_state ON runs (state) WHERE state IN ('proposed', 'agreed', 'running');

-- A model as published to one lender, seen from this party's part in it.
CREATE TABLE models (
    digest      TEXT    NOT NULL PRIMARY KEY,  -- 64 hexadecimal digits: salted hash of the scorecard
    part        TEXT    NOT NULL,              -- platform, lender, holder
    model       TEXT    NOT NULL,              -- id@version
    lender      TEXT    NOT NULL,
    platform    TEXT    NOT NULL,
    holders     TEXT    NOT NULL,              -- JSON array of party names, in the order of the sum
    facts       TEXT    NOT NULL,              -- JSON: what this part may know of the scorecard
    content     BLOB    NOT NULL,              -- platform: lender's public key; holder: encrypted points
    created_ms  INTEGER NOT NULL
) STRICT;

CREATE INDEX models_by_name ON models (model, lender, created_ms DESC);
