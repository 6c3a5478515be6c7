-- For this transaction only. Staging tables have no statistics, so the planner takes the groups for few or many as it
-- happens; a sort is never better here, and a parallel plan sends every group through one process.
SELECT set_config('enable_sort', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true)
