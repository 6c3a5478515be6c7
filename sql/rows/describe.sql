-- What more there is to know of the columns of the table $1 than history/stored_columns says. compared: the type by which values are
-- compared, without domains and length. own: JSON has values of the type.
SELECT a.attnum AS attribute,
       format_type(b.oid, -1) AS compared,
       coalesce(
         (SELECT n.nspname
            FROM pg_opclass AS c
            JOIN pg_am AS m ON m.oid = c.opcmethod AND m.amname = 'btree'
            JOIN pg_amop AS p
              ON p.amopfamily = c.opcfamily
             AND p.amoplefttype = c.opcintype
             AND p.amoprighttype = c.opcintype
             AND p.amopstrategy = 3
            JOIN pg_operator AS o ON o.oid = p.amopopr
            JOIN pg_namespace AS n ON n.oid = o.oprnamespace
           WHERE c.opcdefault
             AND c.opcintype = b.oid
           LIMIT 1),
         'pg_catalog') AS operators,
       y.typtype = 'd' AS domain,
       b.typcategory = 'S' AS string,
       b.oid IN ('boolean'::regtype, 'smallint'::regtype, 'integer'::regtype, 'real'::regtype, 'double precision'::regtype)
         AS own,
       b.oid IN ('json'::regtype, 'jsonb'::regtype) AS json,
       b.oid IN ('varchar'::regtype, 'bpchar'::regtype, 'bit'::regtype, 'varbit'::regtype) AS sized,
       CASE
         WHEN a.attgenerated <> '' THEN NULL
         WHEN a.attidentity <> ''
         THEN format('nextval(%L::regclass)', pg_get_serial_sequence($1::integer::oid::regclass::text, a.attname))
         WHEN d.adbin IS NOT NULL THEN pg_get_expr(d.adbin, d.adrelid)
         WHEN y.typdefaultbin IS NOT NULL THEN pg_get_expr(y.typdefaultbin, 0)
       END AS default
  FROM pg_attribute AS a
  JOIN pg_type AS y ON y.oid = a.atttypid
  JOIN pg_type AS b ON b.oid = CASE y.typtype WHEN 'd' THEN dasy.base_type(y.oid) ELSE y.oid END
  LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = $1::integer::oid
   AND a.attnum > 0
   AND NOT a.attisdropped
 ORDER BY a.attnum
