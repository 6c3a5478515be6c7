-- A file has arrived. No row: another watcher has it, or it is not filed yet.
INSERT INTO dasy.arrivals (dataset, place, path, companion, size, mtime_ns, inode, hash, same_as, error, stays)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (place, path) WHERE filed_at IS NULL DO NOTHING
RETURNING arrival
