-- The first record of the file whose key stood there before, and where that was.
SELECT {first_source} AS first_source,
       {first_place} AS first_place,
       {again_source} AS again_source,
       {again_place} AS again_place
  FROM (
         SELECT position AS again,
                lag(position) OVER (PARTITION BY {key_names} ORDER BY position) AS first
           FROM (
                  SELECT s.position, {repeat_keys}
                    FROM {staging} AS s
                    JOIN {repeats} AS r ON {same_key}
                ) AS repeated
       ) AS pairs
 WHERE first IS NOT NULL
 ORDER BY again
 LIMIT 1
