-- The rows that are about to change, as they are. whole: all columns; NULL of one that will be inserted.
{into}
SELECT c.position,
       CAST({op} AS "char") AS op,
       t.xmin AS was,
       CASE WHEN c.place IS NOT NULL THEN {whole} END AS whole,
       c.place,
       {found_in} AS found_in,
       {keys}
  FROM {classified} AS c
  LEFT JOIN {target_row}
 WHERE {recorded}
   AND {which}
