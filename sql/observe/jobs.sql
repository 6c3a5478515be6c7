SELECT {state} AS state,
       count(*) AS count
  FROM dasy.jobs AS j
  JOIN dasy.runs AS r ON r.run = j.run
 GROUP BY 1
