-- Ends the sessions that hold an advisory lock of this class and number; or of these only the backend $3.
SELECT pg_terminate_backend(pid)
  FROM pg_locks
 WHERE locktype = 'advisory'
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND classid = $1::integer::oid
   AND objid = $2::integer::oid
   AND granted
   AND pid <> pg_backend_pid()
   AND ($3::integer IS NULL OR pid = $3)
