-- The first table that a holder has taken of a registration under a lender's key, in each form: no
-- other is taken in its place.
CREATE TABLE tables (
    registration TEXT    NOT NULL,         -- 64 hexadecimal digits
    lender_key   TEXT    NOT NULL,         -- fingerprint, 64 hexadecimal digits
    batch        INTEGER NOT NULL,         -- 0 single, 1 batch
    digest       TEXT    NOT NULL,         -- SHA-256 of the table, 64 hexadecimal digits
    first_ms     INTEGER NOT NULL,
    PRIMARY KEY (registration, lender_key, batch)
) STRICT, WITHOUT ROWID;
