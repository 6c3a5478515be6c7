-- Records an attempt to send a message, and counts it for the metrics.
WITH counted AS (
  INSERT INTO dasy.delivery_sums AS s (outcome, deliveries)
  VALUES (CASE WHEN $9::text IS NULL THEN 'delivered' ELSE 'failed' END, 1)
      ON CONFLICT (outcome) DO UPDATE
     SET deliveries = s.deliveries + 1
)
INSERT INTO dasy.deliveries (webhook, entry, message, type, run, batch, seconds, status, error, answer)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
