-- Rows that are alike and whose key has a NULL cannot be told from each other: each inserted one was joined with all of them. It
-- is paired with one.
DELETE FROM {inverse} AS i
 USING (
         SELECT p.ctid AS pair,
                dense_rank() OVER (PARTITION BY c.key, c.new ORDER BY p.change) AS inserted,
                dense_rank() OVER (PARTITION BY c.key, c.new ORDER BY p.place) AS there
           FROM {inverse} AS p
           JOIN {changes} AS c ON c.ctid = p.change
          WHERE p.op = 'd'
            AND array_position(c.key, NULL) IS NOT NULL) AS pairs
 WHERE i.ctid = pairs.pair
   AND pairs.inserted <> pairs.there
