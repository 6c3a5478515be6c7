-- Whether the run r waits in the queue, or is taken from it.
(r.state <> 'ended'
 AND r.outcome IS DISTINCT FROM 'planned'
 AND EXISTS (SELECT FROM dasy.jobs AS j WHERE j.run = r.run AND j.waiting))
