SELECT coalesce(sum(records - 1), 0)::bigint AS losers,
       coalesce(bool_or({unusable}), false) AS unusable
  FROM {duplicate_keys} AS r
