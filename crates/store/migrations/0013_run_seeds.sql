-- The words of the field: what a holder draws once for a batch is its run seed, and a lender's key is checked.
ALTER TABLE batches RENAME COLUMN pledge TO run_seed;
ALTER TABLE tried_keys RENAME COLUMN tried_ms TO checked_ms;
ALTER TABLE tried_keys RENAME TO checked_keys;
UPDATE runs SET protocol = 'key-check' WHERE protocol = 'trial';
