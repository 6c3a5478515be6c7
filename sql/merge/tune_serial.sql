-- For this transaction, until it is tuned again.
SET LOCAL max_parallel_workers_per_gather = 0
