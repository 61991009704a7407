-- Whether good and bad rows of a job's bins have been counted: they are counted once, over one set of
-- uploads.
ALTER TABLE jobs ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
