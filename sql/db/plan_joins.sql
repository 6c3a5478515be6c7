-- A nested loop without an index is quadratic, and the planner chooses one if it expects a single row. So nested loops are
-- off: a hash or merge join is never much slower, and look-ups by key are separate statements (plan_look_ups).
SET LOCAL enable_nestloop = off
