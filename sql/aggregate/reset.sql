-- Of an empty table. TRUNCATE, because PostgreSQL then writes the rows that follow without WAL where wal_level is
-- minimal.
{drop_index}
TRUNCATE {storage}
