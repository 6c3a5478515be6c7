-- What the aggregate of a new table will hold. Made with its rows, like that table.
CREATE TABLE {prepared} ({column}, {count}) AS
SELECT {value}, count(*)
  FROM {staging} AS s
 WHERE {wins}
 GROUP BY {value}
