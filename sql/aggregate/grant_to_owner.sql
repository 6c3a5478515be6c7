-- What the table's owner needs for the functions that run as him: to append, not to attach code of his own.
GRANT USAGE ON SCHEMA dasy TO {owner};
GRANT SELECT, INSERT, UPDATE, DELETE ON {storage} TO {owner};
GRANT SELECT, INSERT, UPDATE, DELETE ON {marks} TO {owner};
GRANT SELECT, UPDATE ON {epochs} TO {owner}
