-- How the changes that a run planned differ from those that it would make now: how many keys, by what was and is to become of
-- them.
WITH planned AS (SELECT hash, op, key, old, new FROM {planned} AS c WHERE run = {run}),
fresh AS (SELECT hash, op, key, old, new FROM {fresh} AS c)
SELECT planned.op::text AS planned,
       fresh.op::text AS now,
       count(*) AS keys
  FROM planned
  FULL JOIN fresh ON fresh.hash = planned.hash AND fresh.key = planned.key
 WHERE planned.op IS DISTINCT FROM fresh.op
    OR {differs}
 GROUP BY 1, 2
 ORDER BY 3 DESC, 1, 2
