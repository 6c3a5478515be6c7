-- Objects that the user's statements based on it are temporary as well.
DROP VIEW IF EXISTS pg_temp.staged CASCADE
