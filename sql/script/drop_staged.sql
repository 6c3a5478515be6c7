-- What the user's statements made upon it is temporary as well.
DROP VIEW IF EXISTS pg_temp.staged CASCADE
