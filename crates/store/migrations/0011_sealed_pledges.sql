-- A pledge is sealed by the party before it is kept, together with the hash of the bins that it is
-- about. Unfinished batches of before have a pledge that lay here plainly: they begin anew.
UPDATE batches SET pledge = NULL, over = 1 WHERE pledge IS NOT NULL;
ALTER TABLE batches DROP COLUMN bins;
