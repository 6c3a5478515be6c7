-- All records but duplicates, for a table that does not exist yet.
CREATE TABLE {classified} AS
SELECT s.position,
       NULL::tid AS place,
       {values}
  FROM {staging} AS s
 WHERE {wins}
