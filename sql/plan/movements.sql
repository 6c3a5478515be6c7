-- How the changes of the run $1 move the groups of an aggregate: the $2 that move most. appearing, vanishing: of all groups.
WITH moved AS (
  SELECT {new} AS value,
         1 AS change
    FROM {changes} AS c
   WHERE c.run = $1
     AND {gains}
   UNION ALL
  SELECT {old},
         -1
    FROM {changes} AS c
   WHERE c.run = $1
     AND {loses}
),
differences AS MATERIALIZED (
  SELECT value,
         sum(change) AS change
    FROM moved
   GROUP BY value
  HAVING sum(change) <> 0
),
known AS (
  SELECT value,
         sum(before)::bigint AS before,
         sum(change)::bigint AS change
    FROM (
           SELECT value,
                  0 AS before,
                  change
             FROM differences
            UNION ALL
           SELECT {value},
                  {count},
                  0
             FROM {groups} AS g
            WHERE {among}) AS counted
   GROUP BY value
  HAVING sum(change) <> 0
)
SELECT {text} AS value,
       before,
       before + change AS after,
       count(*) FILTER (WHERE before = 0) OVER () AS appearing,
       count(*) FILTER (WHERE before + change = 0) OVER () AS vanishing
  FROM known
 ORDER BY abs(change) DESC, 1
 LIMIT $2
