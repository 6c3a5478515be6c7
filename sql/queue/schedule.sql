-- Makes the one job of the queue $1, or changes it: it is for the oldest run's host, at the time of its next try. The many
-- attempts are only for those that workers lost by being killed; failed ones are counted in dasy.jobs.
SELECT dasy_queue.add_job(
         identifier => head.task,
         payload => json_build_object('queue', head.queue),
         run_at => greatest(head.next_try, now()),
         job_key => head.queue,
         max_attempts => 32767)
  FROM ({heads}) AS head
