-- What a first load inserted, by its transactions: rows that nobody has written since, and rows that later runs have replaced, with
-- the values that they had at first. "loaded" is followed by the places of their records, if these are known. $1 at most so many.
DECLARE changed NO SCROLL CURSOR FOR
WITH loaded AS (
  SELECT {key} AS key,
         {new} AS new
    FROM {target} AS t
   WHERE t.xmin::text = ANY ({xids})
  {replaced}
)
SELECT {place},
       l.key,
       l.new
  FROM loaded AS l
  {places}
 LIMIT $1
