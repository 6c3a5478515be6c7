-- Readers go on, writers wait.
LOCK TABLE {target} IN EXCLUSIVE MODE
