-- The runs that were enqueued: those that wait in their order, then the newest others. $1: only this run; $2: at most so many of the others.
-- head: the run of the same queue that is next.
SELECT j.run,
       {state} AS state,
       r.command,
       s.locations AS sources,
       r.target AS table,
       j.host,
       r.host AS worker_host,
       r.pid AS worker_pid,
       j.attempts,
       j.max_attempts,
       j.next_try,
       j.next_try > now() AS is_early,
       j.enqueued_at,
       r.error,
       (SELECT min(h.run)
          FROM dasy.jobs AS h
         WHERE h.queue = j.queue
           AND h.waiting) AS head
  FROM dasy.jobs AS j
  JOIN dasy.runs AS r ON r.run = j.run
 CROSS JOIN LATERAL (
         SELECT coalesce(jsonb_agg(location ORDER BY ordinal), '[]') AS locations
           FROM dasy.sources
          WHERE run = r.run) AS s
 WHERE CASE
         WHEN $1::bigint IS NOT NULL THEN j.run = $1
         ELSE j.waiting OR j.run IN (SELECT run FROM dasy.jobs WHERE NOT waiting ORDER BY run DESC LIMIT $2)
       END
 ORDER BY j.waiting DESC,
          CASE WHEN j.waiting THEN j.run END,
          j.run DESC
