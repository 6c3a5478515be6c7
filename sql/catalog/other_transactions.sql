-- The transactions of other sessions in this database that run now. Everybody may see these locks: each transaction holds one
-- on its own number. Processes of the server that have no user, such as those of autovacuum, show rows to nobody.
SELECT l.virtualxid
  FROM pg_locks AS l
  JOIN pg_stat_activity AS a ON a.pid = l.pid
 WHERE l.locktype = 'virtualxid'
   AND l.pid <> pg_backend_pid()
   AND a.datname = current_database()
   AND a.usesysid IS NOT NULL
