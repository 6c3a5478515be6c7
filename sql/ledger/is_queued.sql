-- Whether the run r waits in the queue, or is taken from it.
EXISTS (SELECT FROM dasy.jobs AS j WHERE j.run = r.run AND j.waiting AND {is_to_do})
