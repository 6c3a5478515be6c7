SELECT {value_column}::text AS value,
       {count} AS count
  FROM {aggregate}
 ORDER BY {count} DESC, {value_column}
 LIMIT $1
