-- The difference between the table's counts and the stored ones.
SELECT {column}, count(*) FROM {target} GROUP BY {column}
 UNION ALL
SELECT value, -change FROM {kept}
