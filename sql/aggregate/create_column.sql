-- Follows the column, see the migration. A statistics target of 0: nothing is ever collected for it.
CREATE STATISTICS {tracker} ON ({column} IS NULL) FROM {target};
ALTER STATISTICS {tracker} SET STATISTICS 0
