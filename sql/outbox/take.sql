-- What is sent next to the webhook $1 of the queue $2.
SELECT o.entry,
       o.message,
       o.type,
       o.run,
       o.data,
       o.batch,
       o.until,
       o.attempts,
       o.made_at,
       coalesce(extract(epoch FROM now() - o.failing_since), 0)::float8 AS failing,
       greatest(extract(epoch FROM o.next_try - now()), 0)::float8 AS wait,
       w.url,
       w.secret,
       CASE WHEN w.old_until > now() THEN w.old_secret END AS old_secret
  FROM dasy.outbox AS o
  JOIN dasy.webhooks AS w ON w.webhook = o.webhook
 WHERE o.webhook = $1
   AND o.queue = $2
   AND o.sent_at IS NULL
   AND w.disabled IS NULL
 ORDER BY o.entry
 LIMIT 1
