-- For this transaction only: $1 is work_mem in kB, $2 the processes that may help a statement (NULL: the server's own
-- setting).
SELECT set_config('work_mem', format('%skB', $1::bigint), true),
       -- One index is built at a time. (1 MB is the least that PostgreSQL takes, 2 TB the most.)
       set_config(
         'maintenance_work_mem',
         format('%skB', least(greatest($1::bigint * 2, 1024), 2147483647)),
         true),
       set_config(
         'max_parallel_workers_per_gather',
         coalesce($2::text, current_setting('max_parallel_workers_per_gather')),
         true),
       set_config(
         'max_parallel_maintenance_workers',
         coalesce($2::text, current_setting('max_parallel_maintenance_workers')),
         true),
       -- The planner cannot know how few rows a comparison leaves over, and takes all of them for the cost of sending
       -- them from a helping process.
       set_config('parallel_tuple_cost', '0', true),
       -- Few statements of known shape: to compile them costs more than it gives.
       set_config('jit', 'off', true)
