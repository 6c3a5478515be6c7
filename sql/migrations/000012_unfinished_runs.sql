-- Each load asks for the runs that have not ended, which are few among all that ever were.
CREATE INDEX runs_unfinished ON dasy.runs (run) WHERE state <> 'ended';
