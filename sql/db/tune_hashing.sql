-- Staging tables have no statistics, so the planner takes the groups for few or many as it happens; a sort is never
-- better here.
SET LOCAL enable_sort = off
