-- The changes of one key in sets whose key has these types: $1 the runs with rows in the table of all runs, $2 those with tables
-- of their own, $3 and so on the key. By its hash first, which is indexed.
WITH wanted AS (SELECT {hash} AS hash)
SELECT c.run,
       {source} AS source,
       {place} AS place,
       c.was::text::bigint AS was,
       c.op,
       c.key,
       c.old,
       c.new
  FROM wanted
 CROSS JOIN LATERAL (
         SELECT c.*
           FROM unnest($1::bigint[]) AS shared (run)
           JOIN dasy.changes AS c ON c.run = shared.run AND c.hash = wanted.hash
          UNION ALL
         SELECT *
           FROM dasy.own_changes($2::bigint[], array_fill(wanted.hash, ARRAY[cardinality($2::bigint[])]))) AS c
 WHERE {same_key}
 ORDER BY c.run DESC
