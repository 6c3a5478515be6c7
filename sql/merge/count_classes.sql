-- moved: for each aggregate, whether a value that it counts changes.
SELECT count(*) FILTER (WHERE place IS NULL) AS new,
       count(*) FILTER (WHERE {is_changed}) AS changed,
       count(*) FILTER (WHERE {is_deleted}) AS deleted,
       ARRAY[{moved}]::boolean[] AS moved
  FROM {classified}
