-- Whether what the job j says of the run r is still to be done.
(r.state <> 'ended'
 AND (j.action <> 'run') = (r.outcome IS NOT DISTINCT FROM 'planned'))
