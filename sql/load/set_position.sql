-- setval() also discards the values that this session has cached.
SELECT setval($1::regclass, $2::bigint, false)
