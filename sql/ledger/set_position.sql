-- setval() also discards the values that this session has cached.
SELECT setval({sequence_name}, {position}::bigint, false)
