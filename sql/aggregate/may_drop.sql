-- Whether this role owns all remaining objects of a live aggregate.
SELECT coalesce(bool_and(pg_has_role(o.owner, 'USAGE')), true) AS may
  FROM (SELECT c.relowner AS owner
          FROM pg_class AS c
         WHERE c.relnamespace = 'dasy'::regnamespace
           AND c.relname IN (format('groups_%s', $1::integer), format('marks_%s', $1), format('epochs_%s', $1))
         UNION ALL
        SELECT c.relowner
          FROM dasy.aggregates AS g
          JOIN pg_class AS c ON c.oid = g.relation
         WHERE g.aggregate = $1
         UNION ALL
        SELECT f.proowner
          FROM pg_proc AS f
         WHERE f.pronamespace = 'dasy'::regnamespace
           AND f.proname IN (format('follow_%s', $1), format('amend_%s', $1))) AS o
