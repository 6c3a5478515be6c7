-- The foreign keys that refer to a table or to one that inherits from it: action is what a deletion does to the rows that refer
-- to it (a, r: it fails; c: deletes them; n, d: sets them to NULL or their default). Those of partitions are left out where
-- that of their parent is listed.
WITH RECURSIVE family (relation) AS (
  SELECT $1::integer::oid
   UNION
  SELECT i.inhrelid
    FROM family
    JOIN pg_inherits AS i ON i.inhparent = family.relation
)
SELECT k.conname AS constraint,
       k.confdeltype AS action,
       k.conrelid = $1::integer::oid AS own,
       k.conrelid::regclass::text AS shown,
       ARRAY[fn.nspname, f.relname]::text[] AS referring,
       ARRAY[tn.nspname, t.relname]::text[] AS referred,
       (SELECT array_agg(a.attname::text ORDER BY place)
          FROM unnest(k.conkey) WITH ORDINALITY AS key (attnum, place)
          JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = key.attnum) AS columns,
       (SELECT array_agg(a.attname::text ORDER BY place)
          FROM unnest(k.confkey) WITH ORDINALITY AS key (attnum, place)
          JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = key.attnum) AS keys
  FROM pg_constraint AS k
  JOIN pg_class AS f ON f.oid = k.conrelid
  JOIN pg_namespace AS fn ON fn.oid = f.relnamespace
  JOIN pg_class AS t ON t.oid = k.confrelid
  JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
  LEFT JOIN pg_constraint AS p ON p.oid = k.conparentid
 WHERE k.contype = 'f'
   AND k.confrelid IN (SELECT relation FROM family)
   AND (p.oid IS NULL OR p.confrelid NOT IN (SELECT relation FROM family))
 ORDER BY shown, k.conname
