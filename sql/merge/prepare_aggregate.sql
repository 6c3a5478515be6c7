-- The storage of the aggregate of a new table, created with its rows like that table.
CREATE TABLE {prepared} (value, change, level, epoch) AS
SELECT {value}, count(*), (CASE WHEN {value} IS NULL THEN -1 ELSE 9 END)::smallint, {epoch}::bigint
  FROM {staging} AS s
 WHERE {wins}
 GROUP BY {value}
