-- What a run has staged so far, and what it has rejected, in staging or afterwards.
SELECT (SELECT coalesce(sum(records), 0)::bigint FROM dasy.ranges WHERE run = $1) AS read,
       (SELECT count(*) FROM dasy.rejects WHERE run = $1) AS rejected
