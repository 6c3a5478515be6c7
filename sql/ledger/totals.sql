-- How many records a run has staged, and how many it has rejected, before or after staging.
SELECT (SELECT coalesce(sum(records), 0)::bigint FROM dasy.ranges WHERE run = $1) AS read,
       (SELECT count(*) FROM dasy.rejects WHERE run = $1) AS rejected
