-- One page, and one row more if there is a next one.
SELECT {row} AS row,
       {texts} AS texts
  FROM {target} AS t
 CROSS JOIN LATERAL (SELECT {columns}) AS r
 WHERE {condition}
   AND {after}
 ORDER BY {order}
 LIMIT {limit}
