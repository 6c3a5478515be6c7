-- The sums of all runs. The $1 tables in which runs have ended last are named, the others are 'other'. succeeded: when a load last did.
WITH named AS (
  SELECT target
    FROM dasy.sums
   GROUP BY target
   ORDER BY max(ended_at) DESC, target
   LIMIT $1
)
SELECT coalesce(n.target, 'other') AS table,
       n.target IS NOT NULL AS named,
       s.command,
       s.status,
       sum(s.runs)::bigint AS runs,
       sum(s.read)::bigint AS read,
       sum(s.bytes)::bigint AS bytes,
       sum(s.rejected)::bigint AS rejected,
       sum(s.duplicates)::bigint AS duplicates,
       sum(s.inserted)::bigint AS inserted,
       sum(s.updated)::bigint AS updated,
       sum(s.unchanged)::bigint AS unchanged,
       sum(s.skipped)::bigint AS skipped,
       sum(s.deleted)::bigint AS deleted,
       extract(epoch FROM max(s.ended_at) FILTER (
         WHERE s.status = 'completed' AND s.command IN ('ingest', 'update', 'plan')))::float8 AS succeeded
  FROM dasy.sums AS s
  LEFT JOIN named AS n ON n.target = s.target
 GROUP BY n.target, s.command, s.status
 ORDER BY n.target, s.command, s.status
