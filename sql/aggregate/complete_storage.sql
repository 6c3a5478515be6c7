-- Levels: -1 is the base row of NULL, 0 to 3 are appended rows, 9 is the base of other values. A publication of all tables needs
-- a replica identity for updates and deletes. A tenth of each page stays free, so that base rows are updated in place (HOT).
ALTER TABLE {storage} SET (fillfactor = 90), REPLICA IDENTITY FULL;
CREATE INDEX {level_index} ON {storage} (level) WHERE level < 9;
ALTER TABLE {storage}
  ALTER COLUMN change SET NOT NULL,
  ALTER COLUMN level SET NOT NULL,
  ALTER COLUMN epoch SET NOT NULL
