-- All webhooks, or the one $1.
SELECT w.webhook AS id,
       w.url,
       w.events,
       w.tables,
       w.disabled,
       w.created_at AS "createdAt",
       (SELECT count(*) FROM dasy.outbox AS o WHERE o.webhook = w.webhook AND o.sent_at IS NULL) AS waiting
  FROM dasy.webhooks AS w
 WHERE $1::bigint IS NULL OR w.webhook = $1
 ORDER BY w.webhook
