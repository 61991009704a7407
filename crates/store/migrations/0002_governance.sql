-- How far each pinned party is admitted.
CREATE TABLE members (
    name            TEXT    NOT NULL PRIMARY KEY,
    state           TEXT    NOT NULL,  -- applied, assessed, admitted, suspended, removed
    assessed_until  TEXT,              -- 2027-12-31; null before an assessment
    changed_ms      INTEGER NOT NULL,
    reason          TEXT    NOT NULL   -- the operator's own words
) STRICT;

-- Two logs: `audit`, and a registry's `registry`. Their records in order, and the hash of every
-- complete subtree over them.
CREATE TABLE log_records (
    log     TEXT    NOT NULL,
    seq     INTEGER NOT NULL,              -- from 0, without gaps
    record  BLOB    NOT NULL,
    PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_nodes (
    log       TEXT    NOT NULL,
    level     INTEGER NOT NULL,
    position  INTEGER NOT NULL,
    hash      BLOB    NOT NULL,            -- 32 bytes
    PRIMARY KEY (log, level, position)
) STRICT, WITHOUT ROWID;

-- Checkpoints that other parties have deposited with this one.
CREATE TABLE deposits (
    origin   TEXT    NOT NULL PRIMARY KEY,
    size     INTEGER NOT NULL,
    note     TEXT    NOT NULL,             -- the signed note
    kept_ms  INTEGER NOT NULL,
    alarm    TEXT                          -- what was wrong with a later one, once something was
) STRICT;

-- A registry's authorisations, one row each, as they stand now.
CREATE TABLE authorisations (
    id             TEXT    NOT NULL PRIMARY KEY,
    version        INTEGER NOT NULL,
    record_hash    TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    subject        BLOB    NOT NULL,       -- pseudonym, 32 bytes
    lender         TEXT    NOT NULL,
    platform       TEXT    NOT NULL,
    classes        TEXT    NOT NULL,       -- JSON array of class numbers
    not_before_ms  INTEGER NOT NULL,
    not_after_ms   INTEGER NOT NULL,
    history        TEXT    NOT NULL,       -- JSON: everything that happened to it
    envelope       BLOB    NOT NULL,       -- the record as the subject signed it
    seq            INTEGER NOT NULL,       -- where its last event lies in the registry log
    changed_ms     INTEGER NOT NULL
) STRICT;

CREATE INDEX authorisations_by_lender ON authorisations (lender, state);

-- The registry's statements that decisions rest on.
CREATE TABLE statements (
    authorisation  TEXT    NOT NULL PRIMARY KEY,
    issued_ms      INTEGER NOT NULL,
    bundled        INTEGER NOT NULL,       -- 1: taken in from a bundle
    envelope       BLOB    NOT NULL
) STRICT;

-- What this party has released about a subject. The row is the release: what it holds may be
-- handed over again, and what is not here was never released.
CREATE TABLE releases (
    run            TEXT    NOT NULL PRIMARY KEY,
    released_ms    INTEGER NOT NULL,
    lender         TEXT    NOT NULL,
    platform       TEXT    NOT NULL,
    subject        BLOB    NOT NULL,       -- pseudonym, 32 bytes
    authorisation  TEXT,                   -- null where none is needed
    output         TEXT    NOT NULL,
    model          TEXT    NOT NULL,       -- id@version, or empty
    answer         BLOB    NOT NULL,       -- the ciphertext as it left
    salt           BLOB    NOT NULL,       -- opens the receipt's commitment, 32 bytes
    receipt        BLOB    NOT NULL,       -- DSSE envelope, JSON
    evidence       TEXT    NOT NULL,       -- JSON: the authorisation and statement it rests on
    seq            INTEGER NOT NULL        -- its record in the audit log
) STRICT;

CREATE INDEX releases_by_subject ON releases (lender, subject, released_ms);
CREATE INDEX releases_by_authorisation ON releases (authorisation, released_ms);

-- Proofs of what others have released to this party, one a holder.
CREATE TABLE proofs (
    run     TEXT    NOT NULL,
    holder  TEXT    NOT NULL,
    proof   TEXT    NOT NULL,              -- JSON
    PRIMARY KEY (run, holder)
) STRICT, WITHOUT ROWID;
