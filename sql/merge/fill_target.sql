-- All records except duplicates.
INSERT INTO {target} ({columns})
SELECT {values}
  FROM {staging} AS s
 WHERE {wins}
