DROP TRIGGER IF EXISTS {announce} ON {target};
DROP TRIGGER IF EXISTS {on_insert} ON {target};
DROP TRIGGER IF EXISTS {on_update} ON {target};
DROP TRIGGER IF EXISTS {on_delete} ON {target};
DROP TRIGGER IF EXISTS {on_truncate} ON {target}
