SELECT count(*) AS groups,
       coalesce(sum({count}), 0)::bigint AS rows
  FROM {aggregate}
