-- What was sent, and the attempts, are kept for 7 days.
WITH forgotten AS (DELETE FROM dasy.deliveries WHERE attempted_at < now() - interval '7 days')
DELETE FROM dasy.outbox WHERE sent_at < now() - interval '7 days'
