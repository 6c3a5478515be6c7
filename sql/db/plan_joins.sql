-- A nested loop over what has no index is quadratic, and the planner takes it where it believes that there is one row. So
-- it may not: a hash or merge join is never much slower, and a look-up by the key is written as such.
SET LOCAL enable_nestloop = off
