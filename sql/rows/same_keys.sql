-- Whether the only row of the JSON array $1 has the key that was asked for, as far as it names one.
SELECT {same} AS same
  FROM pg_catalog.json_array_elements($1::json) AS e (value)
