-- Whether the statistics of a table are outdated after $2 of its rows were written, by the same limit at which autovacuum
-- would analyze the table about a minute later.
SELECT $2 > current_setting('autovacuum_analyze_threshold')::bigint
            + current_setting('autovacuum_analyze_scale_factor')::float8 * greatest(reltuples, 0) AS stale
  FROM pg_class
 WHERE oid = $1::integer::oid
