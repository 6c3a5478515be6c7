-- No parallel workers until the end of the transaction. For grouping they would save nothing: all groups pass through one
-- process anyway.
SET LOCAL max_parallel_workers_per_gather = 0
