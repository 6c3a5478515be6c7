-- Of an empty table. TRUNCATE, because PostgreSQL then writes the rows that follow without WAL where wal_level is
-- minimal.
DROP INDEX IF EXISTS {own_value_index};
TRUNCATE {storage}
