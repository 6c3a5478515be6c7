-- The keys that more than one record has, with the record that wins. Few, so that the merge only has to
-- leave these few out of all the others.
CREATE UNLOGGED TABLE {duplicate_keys} AS
SELECT {keys},
       s.position AS winner,
       0::bigint AS records
  FROM {staging} AS s
  WITH NO DATA
