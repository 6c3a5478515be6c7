-- The rows of a table that a first load wrote: $1 its transaction, $2 at most so many.
DECLARE changed NO SCROLL CURSOR FOR
SELECT NULL::integer AS source,
       NULL::bigint AS place,
       'i' AS op,
       {key} AS key,
       NULL::text[] AS old,
       {new} AS new
  FROM {target} AS t
 WHERE t.xmin::text = $1::text
 LIMIT $2
