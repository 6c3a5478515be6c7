-- The staging table of the direct path. It is logged, because it becomes the user's table, with the fill factor of that
-- (sql/merge/make_target.sql).
CREATE TABLE {staging} ({columns})
WITH (fillfactor = 85)
