-- Reads the values of one column, of rows $2 to $3 of the JSON array $1.
SELECT count(v)
  FROM (
         SELECT {value} AS v
           FROM pg_catalog.json_array_elements($1::json) WITH ORDINALITY AS e (value, ordinal)
          WHERE e.ordinal BETWEEN $2::bigint AND $3::bigint
         OFFSET 0) AS tried
