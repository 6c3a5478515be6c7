-- The keys that more than one record has, with the record that wins. They are few, so the anti-join of the merge is cheap.
CREATE UNLOGGED TABLE {duplicate_keys} AS
SELECT {keys},
       s.position AS winner,
       0::bigint AS records
  FROM {staging} AS s
  WITH NO DATA
