-- How many rows the tables $1 have, by the planner's estimate; and the text of a query that counts them exactly by a live aggregate, if
-- there is one. The view would group what only has to be added up (0.4 s against 0.04 s of 200,000 groups), so its tables are read where
-- that is allowed. As a superuser nothing of somebody else's is run: tables run nothing.
SELECT named.name AS table,
       {rows} AS rows,
       exact.query
  FROM unnest($1::text[]) AS named (name)
  JOIN pg_class AS c
    ON c.oid = to_regclass(CASE
                 WHEN strpos(named.name, '.') = 0 THEN quote_ident(named.name)
                 ELSE concat(quote_ident(split_part(named.name, '.', 1)), '.', quote_ident(substr(named.name, strpos(named.name, '.') + 1)))
               END)
  LEFT JOIN LATERAL (
         SELECT CASE
                  WHEN has_table_privilege(g.oid, 'SELECT') AND has_table_privilege(k.oid, 'SELECT') THEN format(
                    'SELECT coalesce(sum(change), 0)::bigint AS rows FROM %s WHERE epoch >= (SELECT coalesce(max(epoch), 0) FROM %s)',
                    g.oid::regclass, k.oid::regclass)
                  ELSE format('SELECT coalesce(sum(%I), 0)::bigint AS rows FROM %s', m.attname, a.relation)
                END AS query
           FROM dasy.aggregates AS a
           JOIN pg_class AS v ON v.oid = a.relation
           JOIN pg_roles AS r ON r.rolname = current_user
           JOIN pg_attribute AS m ON m.attrelid = a.relation AND m.attnum = 2
           LEFT JOIN pg_class AS g
             ON g.relnamespace = 'dasy'::regnamespace
            AND g.relname = concat('groups_', a.aggregate)
            AND g.relkind = 'r'
           LEFT JOIN pg_class AS k
             ON k.relnamespace = 'dasy'::regnamespace
            AND k.relname = concat('marks_', a.aggregate)
            AND k.relkind = 'r'
          WHERE a.target = c.oid
            AND a.kind = 'live'
            AND has_table_privilege(a.relation, 'SELECT')
            AND (v.relowner = r.oid OR NOT r.rolsuper)
          ORDER BY a.groups, a.aggregate
          LIMIT 1) AS exact ON true
