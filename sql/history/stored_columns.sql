-- The columns of the table $1, in its order, with the function that writes a value as text (as COPY does; a cast to text would
-- change values of some types). cast: whether a text is read by a cast of its own and not by the input function of the type.
-- hashable: all parts of the type have a hash function.
SELECT a.attname AS name,
       a.attnum AS attribute,
       format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN y.typtype = 'd' THEN format_type(dasy.base_type(a.atttypid), -1) END AS base,
       format('%I.%I', n.nspname, p.proname) AS output,
       a.atttypid IN ('text'::regtype, 'varchar'::regtype) AS text,
       y.typcategory = 'S'
       OR EXISTS (
            SELECT
              FROM pg_cast AS k
             WHERE k.castsource = 'bpchar'::regtype
               AND k.casttarget = dasy.base_type(a.atttypid)) AS cast,
       a.attgenerated <> '' AS generated,
       a.attidentity <> '' AS identity,
       d.has_hash AS hashable,
       CASE WHEN NOT l.collisdeterministic THEN format('%I.%I', l.collnamespace::regnamespace, l.collname) END AS collation
  FROM pg_attribute AS a
  JOIN pg_type AS y ON y.oid = a.atttypid
  JOIN pg_proc AS p ON p.oid = y.typoutput
  JOIN pg_namespace AS n ON n.oid = p.pronamespace
  LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
 CROSS JOIN dasy.distinction(a.atttypid) AS d
 WHERE a.attrelid = $1::integer::oid
   AND a.attnum > 0
   AND NOT a.attisdropped
 ORDER BY a.attnum
