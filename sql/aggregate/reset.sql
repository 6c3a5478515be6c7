-- Of an empty aggregate of an empty table. TRUNCATE, because PostgreSQL then writes the rows that follow without
-- WAL where wal_level is minimal.
DROP INDEX {index};
TRUNCATE {aggregate}
