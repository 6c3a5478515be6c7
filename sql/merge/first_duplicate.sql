-- The first record of the file whose key stood there before, and where that was.
SELECT (first >> 48)::integer AS first_source,
       first & 281474976710655 AS first_place,
       (again >> 48)::integer AS again_source,
       again & 281474976710655 AS again_place
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
