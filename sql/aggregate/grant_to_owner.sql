-- The privileges that the trigger functions need, which run as the table's owner. Without TRIGGER and ownership, so that the owner
-- cannot attach code to the storage.
GRANT USAGE ON SCHEMA dasy TO {owner};
GRANT SELECT, INSERT, UPDATE, DELETE ON {storage} TO {owner};
GRANT SELECT, INSERT, UPDATE, DELETE ON {marks} TO {owner};
GRANT SELECT, UPDATE ON {epochs} TO {owner}
