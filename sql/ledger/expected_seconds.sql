-- An estimate of the seconds that merge and aggregates take for $2 records: by the median time per record of the last three
-- runs of a similar size, those into the table $1 first, among the last thousand runs. NULL if there is no such run.
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY spent / read) * $2::float8 AS seconds
  FROM (
         SELECT (seconds ->> 'merge')::float8 + (seconds ->> 'aggregate')::float8 AS spent,
                (rows ->> 'read')::float8 AS read
           FROM (SELECT * FROM dasy.runs WHERE command <> 'row' ORDER BY run DESC LIMIT 1000) AS recent
          WHERE outcome = 'completed'
            AND (rows ->> 'read')::float8 BETWEEN greatest($2::float8 / 10, 1) AND $2::float8 * 10
          ORDER BY target = $1 DESC,
                   run DESC
          LIMIT 3) AS latest
