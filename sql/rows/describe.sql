-- What more there is to know of the columns of the table $1 than history/stored_columns says. compared: the type by which values are
-- compared, without domains and length. own: JSON has values of the type.
SELECT a.attnum AS attribute,
       format_type(b.oid, -1) AS compared,
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
