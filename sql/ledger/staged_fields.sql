-- The fields of staged records, as bytes in the encoding of their source.
SELECT {place} AS place,
       ARRAY[{fields}] AS fields
  FROM {staging} AS s
 WHERE position = ANY ($1::bigint[])
