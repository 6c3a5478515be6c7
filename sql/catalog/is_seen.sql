-- Whether one of the transactions $1 still runs, or another session than the backends $2 has locked the staging table.
SELECT
  FROM pg_locks
 WHERE (locktype = 'virtualxid' AND virtualxid = ANY ($1))
    OR (locktype = 'relation'
        AND relation = {staging}::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND pid <> ALL ($2::integer[]))
 LIMIT 1
