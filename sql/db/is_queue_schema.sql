-- Whether the schema dasy_queue is a queue: graphile-worker began to make it. "foreign": somebody made it for something else.
SELECT q.made AS queue,
       NOT q.made AND EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = n.oid) AS foreign
  FROM pg_namespace AS n
 CROSS JOIN LATERAL (
         SELECT EXISTS (
                  SELECT
                    FROM pg_class AS c
                    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'ts'
                   WHERE c.relnamespace = n.oid
                     AND c.relname = 'migrations') AS made) AS q
 WHERE n.nspname = 'dasy_queue'
