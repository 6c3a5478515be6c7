-- The transactions of other sessions that run now. Everybody may see these locks: each transaction holds one on its own number.
SELECT virtualxid
  FROM pg_locks
 WHERE locktype = 'virtualxid'
   AND pid <> pg_backend_pid()
