-- The completed runs that took back the run $1, those that took these back, and so on.
WITH RECURSIVE undos AS (
  SELECT run, undoes
    FROM dasy.runs
   WHERE undoes = $1
     AND outcome = 'completed'
   UNION
  SELECT r.run, r.undoes
    FROM undos AS u
    JOIN dasy.runs AS r ON r.undoes = u.run AND r.outcome = 'completed'
)
SELECT run, undoes
  FROM undos
 ORDER BY run
