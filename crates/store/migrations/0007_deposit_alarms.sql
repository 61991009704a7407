-- As a supervisor: what was wrong with a log, for good. A good checkpoint afterwards takes nothing away.
CREATE TABLE deposit_alarms (
    origin    TEXT    NOT NULL,            -- whose log
    code      TEXT    NOT NULL,
    note      TEXT    NOT NULL,            -- the first signed note that it was raised by
    en        TEXT    NOT NULL,
    zh        TEXT    NOT NULL,
    first_ms  INTEGER NOT NULL,
    last_ms   INTEGER NOT NULL,
    times     INTEGER NOT NULL,
    PRIMARY KEY (origin, code)
) STRICT, WITHOUT ROWID;

INSERT INTO deposit_alarms (origin, code, note, en, zh, first_ms, last_ms, times)
    SELECT origin, 'LOG_ALARM', note, alarm, alarm, kept_ms, kept_ms, 1
    FROM deposits WHERE alarm IS NOT NULL;
ALTER TABLE deposits DROP COLUMN alarm;

-- What this party has deposited itself: when the next one is due.
CREATE TABLE own_deposits (
    supervisor    TEXT    NOT NULL PRIMARY KEY,
    size          INTEGER NOT NULL,
    deposited_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
