-- The files that "dasy watch" has found: those that wait, or are loaded now, and what became of the others. seconds: since the arrival of
-- the oldest one.
SELECT CASE WHEN filed_at IS NULL THEN 'waiting' ELSE outcome END AS state,
       count(*) AS count,
       extract(epoch FROM now() - min(arrived_at))::float8 AS seconds
  FROM dasy.arrivals
 GROUP BY 1
