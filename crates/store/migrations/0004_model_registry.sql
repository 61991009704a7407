-- Models as they are registered: at a platform, and at each holder that is to serve one.
CREATE TABLE registrations (
    digest      TEXT    NOT NULL PRIMARY KEY,  -- 64 hexadecimal digits: salted hash of the scorecard
    part        TEXT    NOT NULL,              -- platform, holder
    model       TEXT    NOT NULL,              -- id@version
    platform    TEXT    NOT NULL,
    document    TEXT    NOT NULL,              -- JSON. Platform: the scorecard and who fills its slots; holder: its part
    envelope    BLOB    NOT NULL,              -- holder: the registration as signed so far
    state       TEXT    NOT NULL,              -- asked, countersigned, refused, retired
    reason      TEXT    NOT NULL DEFAULT '',   -- why refused or retired, in the operator's words
    created_ms  INTEGER NOT NULL,
    changed_ms  INTEGER NOT NULL
) STRICT;

-- A platform's models: one registration a name, whatever became of it.
CREATE UNIQUE INDEX registrations_by_model ON registrations (platform, model);

-- At a platform: what each holder has said.
CREATE TABLE countersignatures (
    registration  TEXT    NOT NULL,
    holder        TEXT    NOT NULL,
    state         TEXT    NOT NULL,            -- asked, countersigned, refused
    envelope      BLOB    NOT NULL,            -- as signed so far: by the platform, then by the holder
    reason        TEXT    NOT NULL DEFAULT '',
    changed_ms    INTEGER NOT NULL,
    PRIMARY KEY (registration, holder)
) STRICT, WITHOUT ROWID;

-- Publications hang on a registration; those from before there was a registry have none and are
-- not answered any more: register, have countersigned and publish them again.
ALTER TABLE models ADD COLUMN registration TEXT NOT NULL DEFAULT '';  -- 64 hexadecimal digits
ALTER TABLE models ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;     -- lender: 1 once its platform has said so

-- What an answer was computed from, and whether it repeats an earlier one.
ALTER TABLE releases ADD COLUMN model_digest TEXT NOT NULL DEFAULT '';  -- the publication
ALTER TABLE releases ADD COLUMN batch        BLOB NOT NULL DEFAULT x''; -- keyed hash of the register's content
ALTER TABLE releases ADD COLUMN repeats      TEXT;                      -- the run whose answer it hands over again

CREATE INDEX releases_by_answer ON releases (lender, subject, model_digest, released_ms);
