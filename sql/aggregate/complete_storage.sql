-- Levels: -1 the base of NULL, 0 to 3 what was appended, 9 the base. What a publication of all tables updates or deletes
-- needs an identity; a tenth of each page is free for counts that change in place.
ALTER TABLE {storage} SET (fillfactor = 90), REPLICA IDENTITY FULL;
CREATE INDEX {level_index} ON {storage} (level) WHERE level < 9;
ALTER TABLE {storage}
  ALTER COLUMN change SET NOT NULL,
  ALTER COLUMN level SET NOT NULL,
  ALTER COLUMN epoch SET NOT NULL
