-- Every record but those that lose to another of the same key.
INSERT INTO {target} ({columns})
SELECT {values}
  FROM {staging} AS s
 WHERE {wins}
