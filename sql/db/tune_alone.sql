-- Until the end of the transaction. For groups a parallel plan would be no faster in any case: it sends every one of
-- them through one process.
SET LOCAL max_parallel_workers_per_gather = 0
