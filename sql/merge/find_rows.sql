-- Where the changed rows are now.
CREATE TABLE {after} AS
SELECT b.position,
       b.op,
       b.was,
       b.whole,
       t.tableoid AS found_in,
       t.ctid AS found
  FROM {before} AS b
  LEFT JOIN {target_row}
