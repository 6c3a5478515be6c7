-- Ends the sessions that hold an advisory lock of this class and number.
SELECT pg_terminate_backend(pid)
  FROM pg_locks
 WHERE locktype = 'advisory'
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND classid = $1::integer::oid
   AND objid = $2::integer::oid
   AND granted
   AND pid <> pg_backend_pid()
