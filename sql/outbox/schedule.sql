-- Wakes a worker at the time of the next try.
SELECT dasy_queue.add_job(
         identifier => 'send',
         payload => json_build_object('webhook', $1::bigint, 'queue', $2::text),
         job_key => concat('send ', $1::bigint, ' ', $2::text),
         run_at => now() + make_interval(secs => $3),
         max_attempts => 32767)
