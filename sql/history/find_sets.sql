-- The sets of the runs $1, or those that were applied to the table $2, the newest first. A row that another transaction wrote
-- than the one that it names was restored from a dump. After 2^32 transactions xmin begins again.
SELECT run,
       relation::oid::integer AS relation,
       kind,
       key,
       key_types,
       columns,
       types,
       attributes,
       inserted,
       updated,
       deleted,
       digest,
       xid,
       to_json(array_remove(array_append(subxids, xid), NULL)) AS writers,
       xid IS NOT DISTINCT FROM xmin::text::bigint AS original,
       full_xid + 4294000000 <= pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS wrapped,
       file,
       written_at
  FROM dasy.change_sets
 WHERE CASE WHEN $1::bigint[] IS NULL THEN relation = $2::integer::oid AND xid IS NOT NULL ELSE run = ANY ($1) END
 ORDER BY run DESC
