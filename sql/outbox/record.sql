INSERT INTO dasy.deliveries (webhook, entry, message, type, run, batch, seconds, status, error, answer)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
