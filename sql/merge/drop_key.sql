-- Of an empty table.
ALTER TABLE {target} DROP CONSTRAINT {constraint}
