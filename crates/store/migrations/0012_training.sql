-- Training jobs: those that this party has proposed, and those that were laid before it. What the
-- parties of a proposed job have said stands in countersignatures, under its digest.
CREATE TABLE jobs (
    digest      TEXT    NOT NULL PRIMARY KEY,  -- 64 hexadecimal digits: SHA-256 of the job
    name        TEXT    NOT NULL,              -- id@version of the model that it makes
    proposer    TEXT    NOT NULL,
    envelope    BLOB    NOT NULL,              -- as signed so far: by the proposer, then by this party
    state       TEXT    NOT NULL,              -- asked, countersigned, refused, retired
    reason      TEXT    NOT NULL DEFAULT '',   -- why refused or withdrawn, in the operator's words
    trained     INTEGER NOT NULL DEFAULT 0,    -- 1 once its model has been opened: it is trained once
    created_ms  INTEGER NOT NULL,
    changed_ms  INTEGER NOT NULL
) STRICT;

-- A proposer's jobs: one a name, whatever became of it.
CREATE UNIQUE INDEX jobs_by_name ON jobs (proposer, name);

-- Where the audit log tells of a joint training: a proof of it is made from these records alone.
CREATE TABLE training_records (
    run  TEXT    NOT NULL,  -- 32 hexadecimal digits: the lender's run
    seq  INTEGER NOT NULL,  -- the record's number
    PRIMARY KEY (run, seq)
) STRICT;
