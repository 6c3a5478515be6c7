-- The webhooks and tables for which something can be sent now.
SELECT q.webhook,
       q.queue
  FROM (SELECT DISTINCT webhook, queue FROM dasy.outbox WHERE sent_at IS NULL) AS q
  JOIN dasy.webhooks AS w ON w.webhook = q.webhook AND w.disabled IS NULL
 WHERE (
         SELECT e.next_try <= now()
           FROM dasy.outbox AS e
          WHERE e.webhook = q.webhook
            AND e.queue = q.queue
            AND e.sent_at IS NULL
          ORDER BY e.entry
          LIMIT 1)
