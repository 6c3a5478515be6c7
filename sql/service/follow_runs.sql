-- How far the runs $1 are. total_bytes: of the text, if it is known: the size of what is stored tells it only of what is not compressed.
SELECT r.run,
       {status} AS status,
       r.attempt,
       r.state,
       s.total_bytes,
       staged.bytes,
       staged.records
  FROM dasy.runs AS r
 CROSS JOIN LATERAL (
         SELECT CASE WHEN count(size) = count(*) THEN sum(size)::bigint END AS total_bytes
           FROM dasy.sources
          CROSS JOIN LATERAL (SELECT coalesce(text_bytes, CASE WHEN kind IN ('file', 'http', 'client-http') THEN bytes END) AS size) AS known
          WHERE run = r.run) AS s
 CROSS JOIN LATERAL (
         SELECT coalesce(sum(end_byte - start_byte), 0)::bigint AS bytes,
                coalesce(sum(records), 0)::bigint AS records
           FROM dasy.ranges
          WHERE run = r.run) AS staged
 WHERE r.run = ANY ($1::bigint[])
