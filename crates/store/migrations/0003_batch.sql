-- The batch form of a published model, beside the single form in `models`.
CREATE TABLE batch_models (
    digest   TEXT NOT NULL PRIMARY KEY,        -- as in `models`
    content  BLOB NOT NULL                     -- platform: lender's batch key; holder: encrypted points
) STRICT;

-- Batch keys of lenders that have passed a trial of this holder's own.
CREATE TABLE tried_keys (
    fingerprint  TEXT    NOT NULL PRIMARY KEY, -- 64 hexadecimal digits
    lender       TEXT    NOT NULL,
    tried_ms     INTEGER NOT NULL
) STRICT;

-- Batch runs, beside `runs`: what it takes to go on after a crash. A row is never removed: its run
-- has one pledge, whatever happens.
CREATE TABLE batches (
    run      TEXT    NOT NULL PRIMARY KEY,
    terms    BLOB    NOT NULL,                 -- hash of the agreed terms, 32 bytes
    pledge   BLOB,                             -- holder, secret: from the first block until the run is over
    bins     BLOB,                             -- holder, secret: hash of the bins that were pledged
    blocks   INTEGER NOT NULL DEFAULT 0,       -- lender: blocks from the first that are in the result
    written  INTEGER NOT NULL DEFAULT 0,       -- lender: bytes of the unfinished result up to there
    over     INTEGER NOT NULL DEFAULT 0        -- 1: the lender has every score
) STRICT;
