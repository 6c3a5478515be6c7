-- Empties the storage, whose target was empty. With TRUNCATE, because PostgreSQL then writes the following rows without WAL if
-- wal_level is minimal.
DROP INDEX IF EXISTS {own_value_index};
TRUNCATE {storage}
