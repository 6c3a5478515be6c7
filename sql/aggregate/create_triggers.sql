-- Statement triggers with transition tables: one grouped upsert a statement, however many rows it writes.
CREATE TRIGGER {announce}
  BEFORE INSERT OR UPDATE OR DELETE ON {target}
  FOR EACH STATEMENT EXECUTE FUNCTION dasy.announce({id});

CREATE TRIGGER {on_insert}
  AFTER INSERT ON {target}
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION dasy.follow({id});

CREATE TRIGGER {on_update}
  AFTER UPDATE ON {target}
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION dasy.follow({id});

CREATE TRIGGER {on_delete}
  AFTER DELETE ON {target}
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION dasy.follow({id});

CREATE TRIGGER {on_truncate}
  AFTER TRUNCATE ON {target}
  FOR EACH STATEMENT EXECUTE FUNCTION dasy.follow({id})
