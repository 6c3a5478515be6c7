-- Deletes $2 changes of the run $1.
DELETE FROM dasy.changes
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM dasy.changes WHERE run = $1 LIMIT $2 FOR UPDATE SKIP LOCKED))
