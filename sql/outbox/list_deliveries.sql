-- The attempts to send to the webhook $1, the newest first: before $2, at most $3.
SELECT delivery AS id,
       message,
       type,
       run,
       batch,
       attempted_at AS "attemptedAt",
       seconds,
       status,
       error,
       answer
  FROM dasy.deliveries
 WHERE webhook = $1
   AND ($2::bigint IS NULL OR delivery < $2)
 ORDER BY delivery DESC
 LIMIT $3
