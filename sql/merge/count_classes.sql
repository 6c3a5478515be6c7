-- moved: for each aggregate, whether a value that it counts changes.
SELECT count(*) FILTER (WHERE place IS NULL) AS new,
       count(*) FILTER (WHERE place IS NOT NULL) AS changed,
       ARRAY[{moved}]::boolean[] AS moved
  FROM {classified}
