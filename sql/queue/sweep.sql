-- Repairs what workers left that were killed: takes runs out of the queue that have ended, unlocks jobs, and makes the job of each
-- queue that has none although its oldest run could be done.
WITH finished AS (
  UPDATE dasy.jobs AS j
     SET waiting = false,
         worker = NULL
    FROM dasy.runs AS r
   WHERE r.run = j.run
     AND j.waiting
     AND NOT {is_to_do}
     AND (j.worker IS NULL OR NOT {is_worker_alive})
),
dead (worker) AS (
  SELECT DISTINCT locked_by
    FROM dasy_queue._private_jobs
   WHERE locked_by IS NOT NULL
     AND NOT {is_locker_alive}
),
unlocked AS (
  SELECT dasy_queue.force_unlock_workers(array_agg(worker))
    FROM dead
  HAVING count(*) > 0
)
SELECT dasy_queue.add_job(
         identifier => head.task,
         payload => json_build_object('queue', head.queue),
         job_key => head.queue,
         max_attempts => 32767)
  FROM (SELECT count(*) FROM unlocked) AS first
 CROSS JOIN ({heads}) AS head
 WHERE head.next_try <= now()
   AND NOT head.alive
   AND NOT head.has_worker
   AND NOT EXISTS (
         SELECT
           FROM dasy_queue._private_jobs AS p
           JOIN dasy_queue._private_tasks AS t ON t.id = p.task_id
          WHERE p.key = head.queue
            AND p.is_available
            AND p.run_at <= now()
            AND t.identifier = head.task)
