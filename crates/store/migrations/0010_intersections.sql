-- Intersections that this party has agreed to answer: what a peer may still ask of a register in a
-- period is counted here.
CREATE TABLE intersections (
    run       TEXT    NOT NULL PRIMARY KEY,
    peer      TEXT    NOT NULL,
    register  TEXT    NOT NULL,
    aggregate INTEGER NOT NULL,            -- 1: the peer learns a count; 0: which of its items are here
    items     INTEGER NOT NULL,            -- that the peer declared, padding included
    agreed_ms INTEGER NOT NULL,
    released  INTEGER NOT NULL DEFAULT 0   -- 1: what it can be told from was about to leave; 2: and how
                                           -- it ended is in the log
) STRICT, WITHOUT ROWID;

CREATE INDEX intersections_by_peer ON intersections (peer, register, agreed_ms);

-- One counts once something can be told from it, and as long as that may still come.
CREATE VIEW counted_intersections AS
    SELECT * FROM intersections
    WHERE released >= 1
       OR run IN (SELECT id FROM runs WHERE state IN ('proposed', 'agreed', 'running'));
