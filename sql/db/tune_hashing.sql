-- Staging tables have no statistics, so the planner's estimate of the number of groups is arbitrary. Sorting is never faster
-- than hashing here.
SET LOCAL enable_sort = off
