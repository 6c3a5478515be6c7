-- The bytes of the sets of the runs $1; in the table that they share, by the length of their values.
SELECT coalesce(
         sum(
           CASE kind
             WHEN 'own' THEN pg_total_relation_size(to_regclass(format('dasy.changes_%s', run)))
             WHEN 'shared' THEN (
               SELECT sum(pg_column_size(c.*))
                 FROM dasy.changes AS c
                WHERE c.run = s.run)
           END),
         0)::bigint AS bytes
  FROM dasy.change_sets AS s
 WHERE run = ANY ($1::bigint[])
