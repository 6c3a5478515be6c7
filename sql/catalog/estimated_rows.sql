-- About how many rows a table has, with those of its partitions; NULL if one was never analyzed. (Not by
-- pg_partition_tree(), which locks the partitions, and so waits for whoever has locked one.)
(WITH RECURSIVE part (relation, kind, rows) AS (
   SELECT p.oid, p.relkind, p.reltuples
     FROM pg_class AS p
    WHERE p.oid = {table}
    UNION ALL
   SELECT p.oid, p.relkind, p.reltuples
     FROM part
     JOIN pg_inherits AS i ON i.inhparent = part.relation AND NOT i.inhdetachpending
     JOIN pg_class AS p ON p.oid = i.inhrelid
    WHERE part.kind = 'p')
 SELECT CASE WHEN bool_or(rows < 0) THEN NULL ELSE sum(rows)::bigint END
   FROM part
  WHERE kind <> 'p')
