-- Whether one of the transactions $1 still runs, or another session than the backends $2 has locked the staging table.
-- Autovacuum gives up its lock when somebody waits for it.
SELECT
  FROM pg_locks AS l
  JOIN pg_stat_activity AS a ON a.pid = l.pid
 WHERE a.usesysid IS NOT NULL
   AND ((l.locktype = 'virtualxid' AND l.virtualxid = ANY ($1))
        OR (l.locktype = 'relation'
            AND l.relation = {staging}::regclass
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.pid <> ALL ($2::integer[])))
 LIMIT 1
