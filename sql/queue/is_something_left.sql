-- Whether the host $1 could begin a run within $2 seconds that is not at work in a living worker.
SELECT EXISTS (
         SELECT
           FROM ({heads}) AS head
          WHERE (head.host IS NULL OR head.host = $1)
            AND head.next_try <= now() + make_interval(secs => $2)
            AND NOT head.has_worker) AS left
