-- What an aggregate lacks: the counts as they are, less the counts as they are kept.
SELECT {column}, count(*) FROM {target} GROUP BY {column}
 UNION ALL
SELECT value, -change FROM {kept}
