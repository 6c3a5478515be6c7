-- Whether a worker of the queue is alive: a session has its advisory lock.
EXISTS (
  SELECT
    FROM pg_locks AS l
   WHERE l.locktype = 'advisory'
     AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND l.classid = {worker_locks}::oid
     AND l.objid = hashtext({worker})::oid
     AND l.granted)
