-- Runs that have not ended or that have staging; or one run, in any state.
WITH staging AS (
  SELECT substring(c.relname FROM '\d+')::bigint AS run,
         sum(pg_total_relation_size(c.oid))::bigint AS bytes
    FROM pg_class AS c
   WHERE c.relnamespace = 'dasy'::regnamespace
     AND c.relkind = 'r'
     AND c.relname ~ '^(staging|duplicate_keys|losers|counts|prepared)_\d+(_\d+)?$'
   GROUP BY 1
)
SELECT r.run,
       r.command,
       r.target,
       r.options,
       r.workers,
       r.state,
       r.outcome,
       r.host,
       r.pid,
       r.touched_at,
       r.doubts,
       r.undoes,
       staging.bytes AS staging_bytes,
       {is_alive} AS active
  FROM dasy.runs AS r
  LEFT JOIN staging ON staging.run = r.run
 WHERE CASE
         WHEN {only}::bigint IS NULL THEN r.state <> 'ended' OR staging.run IS NOT NULL
         ELSE r.run = {only}
       END
 ORDER BY r.run DESC
