-- Whether the statistics of a table no longer fit when $2 of its rows were written: the same limit at which the server
-- would see to it in a minute or so.
SELECT $2 > current_setting('autovacuum_analyze_threshold')::bigint
            + current_setting('autovacuum_analyze_scale_factor')::float8 * greatest(reltuples, 0) AS stale
  FROM pg_class
 WHERE oid = $1::integer::oid
