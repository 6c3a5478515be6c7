-- For the update that follows, which knows the place of each row. To fetch it costs nothing more, because it must be
-- done anyway; the planner would rather read the whole table for a join.
SET LOCAL random_page_cost = 0.01
