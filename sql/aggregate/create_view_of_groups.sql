-- Constants have explicit types, so that no user-defined operator is a better match.
CREATE VIEW {view} ({column}, {count}) AS
SELECT value, sum(change)::bigint
  FROM (SELECT value, change
          FROM {storage}
         WHERE level >= 2
           AND epoch >= (SELECT coalesce(max(epoch), 0::bigint) FROM {marks})
         UNION ALL
        SELECT value, change
          FROM {storage}
         WHERE level < 2
           AND epoch >= (SELECT coalesce(max(epoch), 0::bigint) FROM {marks})) AS changes
 GROUP BY value
HAVING sum(change) <> 0::numeric
