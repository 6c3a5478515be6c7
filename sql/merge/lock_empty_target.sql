-- For a table without rows: nobody can be reading any.
LOCK TABLE {target} IN ACCESS EXCLUSIVE MODE
