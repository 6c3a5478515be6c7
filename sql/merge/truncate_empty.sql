-- A table without rows. PostgreSQL then writes the rows that follow without WAL.
TRUNCATE ONLY {target}
