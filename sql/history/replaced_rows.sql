-- The rows of which later runs have replaced the version that the first load wrote: "first" is the version that the first of them
-- replaced. A column's value at first is the old one of the first change of it, or else that of now. If the row is gone, only a
-- delete tells all of them.
UNION ALL
SELECT c.key,
       {initial}
  FROM (
         SELECT hash,
                key,
                (array_agg(was ORDER BY run))[1] AS first,
                bool_or(op = 'd') AS is_whole,
                {olds}
           FROM (
                  {later}
                ) AS later
          GROUP BY hash, key
       ) AS c
  LEFT JOIN {target} AS t ON {same_key}
 WHERE c.first::text = ANY ({xids})
   AND (t.xmin IS NULL OR t.xmin::text <> ALL ({xids}))
   AND (c.is_whole OR t.ctid IS NOT NULL)
