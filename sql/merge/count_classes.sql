SELECT count(*) FILTER (WHERE class = 'new') AS new,
       count(*) FILTER (WHERE class = 'changed') AS changed,
       count(*) FILTER (WHERE class = 'same') AS same
  FROM {classified}
