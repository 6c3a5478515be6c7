-- Runs, the newest first: only $1; at most $2; only those before $3, into the table $4, with the status $5. (NULL: all.) Runs that
-- take back or delete rows have no sources.
SELECT r.run,
       r.command,
       {status} AS status,
       CASE WHEN s.count = 1 THEN s.locations -> 0 ELSE s.locations END AS source,
       r.target AS table,
       r.key,
       s.bytes,
       r.workers,
       r.rows,
       r.aggregates,
       r.seconds,
       r.doubts,
       r.state,
       r.started_at,
       r.ended_at,
       staged.bytes AS staged_bytes,
       staged.records AS staged_records,
       (SELECT count(*) FROM dasy.rejects WHERE run = r.run) AS rejects,
       r.error
  FROM dasy.runs AS r
 CROSS JOIN LATERAL (
         SELECT count(*) AS count,
                jsonb_agg(location ORDER BY ordinal) AS locations,
                CASE WHEN count(bytes) = count(*) THEN coalesce(sum(bytes), 0)::bigint END AS bytes
           FROM dasy.sources
          WHERE run = r.run) AS s
 CROSS JOIN LATERAL (
         SELECT sum(end_byte - start_byte)::bigint AS bytes,
                sum(records)::bigint AS records
           FROM dasy.ranges
          WHERE run = r.run) AS staged
 WHERE ($1::bigint IS NULL OR r.run = $1)
   AND ($3::bigint IS NULL OR r.run < $3)
   AND ($4::text IS NULL OR r.target = $4)
   AND ($5::text IS NULL OR {status} = $5)
   -- Runs that write single rows are many: they are listed only if that is asked for.
   AND ($6::boolean OR $1::bigint IS NOT NULL OR r.command <> 'row')
 ORDER BY r.run DESC
 LIMIT $2
