-- The runs whose change sets were applied to the tables $1 last.
SELECT last.run
  FROM unnest($1::integer[]) AS asked (relation)
 CROSS JOIN LATERAL (
         SELECT run
           FROM dasy.change_sets
          WHERE relation = asked.relation::oid
            AND xid IS NOT NULL
          ORDER BY run DESC
          LIMIT 1) AS last
