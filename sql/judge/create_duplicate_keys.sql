-- The keys that more than one record has, with the record that wins.
CREATE UNLOGGED TABLE {duplicate_keys} AS
SELECT {named_keys},
       s.position AS winner
  FROM {staging} AS s
  WITH NO DATA
