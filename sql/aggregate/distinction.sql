-- The first call of these functions in a session plans what they ask: dasy.base_type() is called only for domains, and
-- dasy.distinction(), which takes 10 ms, not for text, which only superusers can change.
SELECT d.*, format_type(y.oid, -1) AS type,
       CASE WHEN l.oid IS NOT NULL THEN format('COLLATE %I.%I', ln.nspname, l.collname) ELSE '' END AS collation,
       y.typlen > 0 AS small
  FROM pg_attribute AS a
  JOIN pg_type AS own ON own.oid = a.atttypid
  JOIN pg_type AS y ON y.oid = CASE own.typtype WHEN 'd' THEN dasy.base_type(own.oid) ELSE own.oid END
 CROSS JOIN LATERAL (
         SELECT true AS has_equality, true AS has_hash, true AS trusted WHERE own.oid = 'text'::regtype
          UNION ALL
         SELECT f.has_equality, f.has_hash, f.trusted
           FROM dasy.distinction(own.oid) AS f
          WHERE own.oid <> 'text'::regtype) AS d
  LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
  LEFT JOIN pg_namespace AS ln ON ln.oid = l.collnamespace
 WHERE a.attrelid = $1::integer::oid
   AND a.attname = $2
   AND NOT a.attisdropped
