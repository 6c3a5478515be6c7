-- Ends the other sessions that have the advisory lock ($1, $2); with $3 only the backend of this process id.
SELECT pg_terminate_backend(pid)
  FROM pg_locks
 WHERE locktype = 'advisory'
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND classid = $1::integer::oid
   AND objid = $2::integer::oid
   AND granted
   AND pid <> pg_backend_pid()
   AND ($3::integer IS NULL OR pid = $3)
