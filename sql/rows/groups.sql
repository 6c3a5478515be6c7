-- A page of the groups, the largest first, and one more if there is a next one.
SELECT CAST(row_to_json(r) AS text) AS row,
       ARRAY[g.count::text, {text}] AS texts
  FROM (
         SELECT {value} AS value,
                sum({count})::bigint AS count
           FROM {rows} AS g
          GROUP BY 1
         HAVING sum({count}) <> 0) AS g
 CROSS JOIN LATERAL (SELECT {shown} AS value, g.count AS count) AS r
 WHERE {search}
   AND {after}
 ORDER BY g.count DESC, {text} COLLATE "C"
 LIMIT {limit}
