-- The first record of the file whose key an earlier record has, and the place of that record.
SELECT {first_source} AS first_source,
       {first_place} AS first_place,
       {again_source} AS again_source,
       {again_place} AS again_place
  FROM (
         SELECT position AS again,
                lag(position) OVER (PARTITION BY {key_names} ORDER BY position) AS first
           FROM (
                  SELECT s.position, {duplicate_key}
                    FROM {staging} AS s
                    JOIN {duplicate_keys} AS r ON {same_key}
                ) AS repeated
       ) AS pairs
 WHERE first IS NOT NULL
 ORDER BY again
 LIMIT 1
