-- Whatever a run that was killed left in it goes too.
DROP SCHEMA dasy CASCADE
