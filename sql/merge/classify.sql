-- The keys of the file that are new to the table, or whose row changes, with their values. Unchanged keys are not listed.
CREATE TABLE {classified} AS
SELECT s.position,
       t.ctid AS place,
       {values}
  FROM {staging} AS s
  LEFT JOIN {target_row}
 WHERE {wins}
   AND {counts}
