-- Runs as they are stored for resuming, the newest first: those that are listed by their numbers, and meet a condition. The names of
-- their staging tables begin with a kind and what is said, which may be nothing.
WITH staging AS (
  SELECT substring(c.relname FROM '\d+')::bigint AS run,
         array_agg(c.oid) AS relations
    FROM (VALUES ('staging_'), ('duplicate_keys_'), ('losers_'), ('counts_'), ('prepared_')) AS kind (name)
    -- By the index of names: the catalog may be large. The character after "_" is "`".
    JOIN pg_class AS c
      ON c.relname >= (kind.name || {first})::name
     AND c.relname < (kind.name || {first} || '`')::name
   WHERE c.relnamespace = 'dasy'::regnamespace
     AND c.relkind = 'r'
     AND c.relname ~ '^(staging|duplicate_keys|losers|counts|prepared)_\d+(_\d+)?$'
     -- Not of runs whose number only begins so.
     AND {first} IN ('', substring(c.relname FROM '\d+'))
   GROUP BY 1
)
SELECT r.run,
       r.command,
       r.target,
       r.options,
       r.workers,
       r.state,
       r.outcome,
       r.error ->> 'code' AS error_code,
       r.host,
       r.pid,
       r.touched_at,
       r.doubts,
       r.undoes,
       -- To ask for the size of a table waits for whoever drops it: that of a run that has ended may be on its way out.
       CASE
         WHEN staging.relations IS NOT NULL AND r.state = 'ended' THEN 0
         ELSE (SELECT sum(pg_total_relation_size(s.relation))::bigint FROM unnest(staging.relations) AS s (relation))
       END AS staging_bytes,
       {is_alive} AS active,
       {is_queued} AS queued
  FROM {listed} AS listed
  JOIN dasy.runs AS r ON r.run = listed.run
  LEFT JOIN staging ON staging.run = r.run
 WHERE {condition}
 ORDER BY r.run DESC
