-- Of an empty table. TRUNCATE, because PostgreSQL then writes the rows that follow without WAL where wal_level is
-- minimal.
ALTER TABLE {target} DROP CONSTRAINT {constraint};
TRUNCATE {target}
