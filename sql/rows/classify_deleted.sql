INSERT INTO {classified} (place, found_in, op, {key})
SELECT t.ctid,
       t.tableoid,
       'd',
       {values}
  FROM {target} AS t
 WHERE {same_key}
