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
               AND k.casttarget = CASE y.typtype WHEN 'd' THEN dasy.base_type(a.atttypid) ELSE a.atttypid END) AS cast,
       a.attnotnull AS required,
       (SELECT b.typtype = 'c'
          FROM pg_type AS b
         WHERE b.oid = CASE y.typtype WHEN 'd' THEN dasy.base_type(a.atttypid) ELSE a.atttypid END) AS composite,
       a.attgenerated <> '' AS generated,
       a.attidentity <> '' AS identity,
       a.atthasdef OR a.attidentity <> '' OR y.typdefault IS NOT NULL AS filled,
       -- What looks into types is only called where it has to: its first call in a session takes 10 ms.
       CASE
         WHEN a.atttypid = 'varchar'::regtype
           OR EXISTS (
                SELECT
                  FROM pg_opclass AS o
                  JOIN pg_am AS m ON m.oid = o.opcmethod AND m.amname = 'hash'
                 WHERE o.opcdefault
                   AND o.opcintype = a.atttypid)
         THEN true
         ELSE (SELECT d.has_hash FROM dasy.distinction(a.atttypid) AS d)
       END AS hashable,
       CASE WHEN NOT l.collisdeterministic THEN format('%I.%I', l.collnamespace::regnamespace, l.collname) END AS collation
  FROM pg_attribute AS a
  JOIN pg_type AS y ON y.oid = a.atttypid
  JOIN pg_proc AS p ON p.oid = y.typoutput
  JOIN pg_namespace AS n ON n.oid = p.pronamespace
  LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
 WHERE a.attrelid = $1::integer::oid
   AND a.attnum > 0
   AND NOT a.attisdropped
 ORDER BY a.attnum
