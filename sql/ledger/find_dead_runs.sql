-- Runs that have not ended, or left something in staging, and hold no lock: their process is gone.
SELECT r.run
  FROM dasy.runs AS r
 WHERE (r.state <> 'ended' OR to_regclass(format('dasy.staging_%s', r.run)) IS NOT NULL)
   AND NOT EXISTS (
         SELECT
           FROM pg_locks AS l
          WHERE l.locktype = 'advisory'
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.classid = $1::integer::oid
            AND l.objid = r.run::integer::oid
            AND l.granted)
 ORDER BY r.run
