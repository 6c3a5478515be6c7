-- Rows of the table that refer to rows to delete and go with them (ON DELETE CASCADE), except those that are listed already.
INSERT INTO {classified} ({columns})
SELECT {values}
  FROM {referring} AS r
 WHERE {refers_to_deleted}
