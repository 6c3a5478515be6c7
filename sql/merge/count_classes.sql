-- moved: for each aggregate, whether any of the values that it counts is another.
SELECT count(*) FILTER (WHERE place IS NULL) AS new,
       count(*) FILTER (WHERE place IS NOT NULL) AS changed,
       ARRAY[{moved}]::boolean[] AS moved
  FROM {classified}
