-- Whether nothing of the dataset $1 has arrived for $2 seconds.
SELECT coalesce(max(since) < now() - make_interval(secs => $2), false) AS missing
  FROM (
         SELECT since FROM dasy.watched WHERE dataset = $1
         UNION ALL
         SELECT arrived_at FROM dasy.arrivals WHERE dataset = $1) AS times
