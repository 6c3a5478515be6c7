-- The largest groups. format() converts a value to text by its output function, never by a cast that a user defined.
SELECT CASE WHEN {value_column} IS NOT DISTINCT FROM NULL THEN NULL ELSE format('%s', {value_column}) END AS value,
       {count} AS count
  FROM {aggregate}
 ORDER BY {count} DESC, 1
 LIMIT $1
