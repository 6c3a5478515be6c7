-- No parallel workers until the end of the transaction, because another session works at the same time. For grouping they would
-- save nothing: all groups pass through one process anyway. For an index they take the processor that the other session needs.
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL max_parallel_maintenance_workers = 0
