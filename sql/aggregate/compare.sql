-- The groups whose stored counts differ from those of the table, the largest difference first.
SELECT CASE WHEN value IS NOT DISTINCT FROM NULL THEN NULL ELSE format('%s', value) END AS value,
       sum(kept)::bigint AS kept,
       sum(counted)::bigint AS counted,
       count(*) OVER () AS differing
  FROM (SELECT {column}, 0::bigint, count(*) FROM {target} GROUP BY {column}
         UNION ALL
        SELECT {value_column}, {count}, 0::bigint FROM {kept}) AS both_sides (value, kept, counted)
 GROUP BY value
HAVING sum(kept) <> sum(counted)
 ORDER BY abs(sum(kept) - sum(counted)) DESC, 1
 LIMIT $1
