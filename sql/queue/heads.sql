-- The oldest run of each queue, which is the next one to be done.
SELECT head.*
  FROM {queues} AS q
 CROSS JOIN LATERAL (
         SELECT j.run,
                j.queue,
                j.host,
                r.target AS table,
                CASE WHEN j.host IS NULL THEN 'load' ELSE 'load on ' || j.host END AS task,
                j.next_try,
                r.attempt AS begun,
                j.worker,
                {is_alive} AS alive,
                j.worker IS NOT NULL AND {is_worker_alive} AS has_worker
           FROM dasy.jobs AS j
           JOIN dasy.runs AS r ON r.run = j.run
          WHERE j.queue = q.queue
            AND j.waiting
            AND {is_to_do}
          ORDER BY j.run
          LIMIT 1) AS head
