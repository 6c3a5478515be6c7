-- Puts the message of the delivery $2 of the webhook $1 into the outbox again, under the same webhook-id.
INSERT INTO dasy.outbox (webhook, queue, message, type, run, data, batch, until)
SELECT o.webhook,
       o.queue,
       o.message,
       o.type,
       o.run,
       o.data,
       d.batch,
       d.batch
  FROM dasy.deliveries AS d
  JOIN dasy.outbox AS o ON o.entry = d.entry
 WHERE d.webhook = $1
   AND d.delivery = $2
RETURNING entry, dasy.send_soon(webhook, queue)
