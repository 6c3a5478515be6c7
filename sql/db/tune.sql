-- For this transaction only: work_mem in kB, and the number of parallel workers for a statement (NULL: the server's setting).
SELECT set_config('work_mem', format('%skB', {work_mem}::bigint), true),
       -- Only one index is built at a time. (PostgreSQL accepts 1 MB to 2 TB.)
       set_config(
         'maintenance_work_mem',
         format('%skB', least(greatest({work_mem}::bigint * 2, 1024), 2147483647)),
         true),
       set_config(
         'max_parallel_workers_per_gather',
         coalesce({parallel}::text, current_setting('max_parallel_workers_per_gather')),
         true),
       set_config(
         'max_parallel_maintenance_workers',
         coalesce({parallel}::text, current_setting('max_parallel_maintenance_workers')),
         true),
       -- The planner cannot know how few rows a comparison returns, so it would overestimate the cost of sending them from a
       -- parallel worker.
       set_config('parallel_tuple_cost', '0', true),
       -- Compiling the statements takes longer than it saves.
       set_config('jit', 'off', true)
