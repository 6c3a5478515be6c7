SELECT count(*) FILTER (WHERE place IS NULL) AS new,
       count(*) FILTER (WHERE place IS NOT NULL) AS changed
  FROM {classified}
