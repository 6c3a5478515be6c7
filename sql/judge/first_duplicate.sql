-- The first record of the file whose key an earlier record has, and the place of the first one with that key.
-- NOT MATERIALIZED: only the keys are read, by several processes, and no copy of them is sorted.
WITH keyed AS NOT MATERIALIZED (
  SELECT s.position, {named_keys}
    FROM {staging} AS s
)
SELECT {first_source} AS first_source,
       {first_place} AS first_place,
       {again_source} AS again_source,
       {again_place} AS again_place
  FROM keyed AS again
  JOIN keyed AS first ON {same_key}
 WHERE again.position = (SELECT min(position) FROM {losers})
 ORDER BY first.position
 LIMIT 1
