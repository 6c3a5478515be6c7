ALTER TABLE {target} ADD CONSTRAINT {constraint} PRIMARY KEY ({key})
