SELECT coalesce(sum(records - 1), 0)::bigint AS duplicates
  FROM {repeats}
