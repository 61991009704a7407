-- What a lender's questions about one subject could have told in one period: the questions, never a
-- value or an answer. A period begins with its first question; one that is over is forgotten.
CREATE TABLE disclosures (
    lender    TEXT    NOT NULL,
    subject   BLOB    NOT NULL,            -- pseudonym, 32 bytes
    began_ms  INTEGER NOT NULL,
    asked     TEXT    NOT NULL,            -- JSON, by field
    PRIMARY KEY (lender, subject)
) STRICT, WITHOUT ROWID;
