-- Tracks the column (see sql/migrations/000003_aggregates.sql). With a statistics target of 0 no statistics are ever collected.
CREATE STATISTICS {tracker} ON ({column} IS NULL) FROM {target};
ALTER STATISTICS {tracker} SET STATISTICS 0
