-- Whether no mark was restored (its xmin is the transaction that wrote it), and the table has the file that was counted.
SELECT coalesce(
         bool_and(m.xmin::text::bigint = m.xid)
         AND (array_agg(m.filenode ORDER BY m.epoch DESC))[1] = pg_relation_filenode($1::integer::oid)::bigint, false)
       AS sound
  FROM {marks} AS m
