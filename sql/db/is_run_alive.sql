-- Whether the run r is alive: a session has its advisory lock.
EXISTS (
  SELECT
    FROM pg_locks AS l
   WHERE l.locktype = 'advisory'
     AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND l.classid = {run_locks}::oid
     AND l.objid = r.run::integer::oid
     AND l.granted)
