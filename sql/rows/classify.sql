-- The rows of the JSON array $1 as they are to be written: those whose key is in the table are updates.
INSERT INTO {classified}
SELECT NULL,
       t.ctid,
       NULL,
       CASE WHEN t.ctid IS NULL THEN 'i' ELSE 'u' END,
       i.ordinal,
       i.unnamed,
       {values}
  FROM (
         SELECT e.ordinal,
                ARRAY[{unnamed}]::integer[] AS unnamed,
                {inputs}
           FROM pg_catalog.json_array_elements($1::json) WITH ORDINALITY AS e (value, ordinal)) AS i
  LEFT JOIN {target_row}
