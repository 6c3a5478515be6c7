-- The sessions that block the session $1, and the relation whose lock it waits for, if it is a relation. No row if it is not
-- blocked.
SELECT a.pid,
       a.application_name AS program,
       a.usename AS role,
       a.state,
       (
         SELECT l.relation::regclass::text
           FROM pg_locks AS l
          WHERE l.pid = $1
            AND NOT l.granted
          LIMIT 1) AS relation
  FROM unnest(pg_blocking_pids($1)) AS b (pid)
  JOIN pg_stat_activity AS a ON a.pid = b.pid
 ORDER BY a.pid
