-- The run that follows the run $2 in its queue $1, if the host $3 could begin it now. It is not taken.
SELECT next.run,
       next.action,
       next.tuning,
       next.pinned,
       next.begun
  FROM (SELECT j.run,
               j.action,
               j.tuning,
               j.pinned,
               r.attempt AS begun,
               j.host,
               j.next_try
          FROM dasy.jobs AS j
          JOIN dasy.runs AS r ON r.run = j.run
         WHERE j.queue = $1
           AND j.run > $2
           AND j.waiting
           AND {is_to_do}
         ORDER BY j.run
         LIMIT 1) AS next
 WHERE (next.host IS NULL OR next.host = $3)
   AND next.next_try <= now()
