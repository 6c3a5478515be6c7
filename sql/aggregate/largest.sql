-- As text by format(), which knows no casts of anybody's.
SELECT CASE WHEN {value_column} IS NOT DISTINCT FROM NULL THEN NULL ELSE format('%s', {value_column}) END AS value,
       {count} AS count
  FROM {aggregate}
 ORDER BY {count} DESC, 1
 LIMIT $1
