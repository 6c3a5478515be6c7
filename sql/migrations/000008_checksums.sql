-- Of the text of each migration, as it was applied: that of one is never changed afterwards. NULL for those that an
-- earlier version of dasy applied, until the next migration.
ALTER TABLE dasy.migrations ADD COLUMN checksum text
