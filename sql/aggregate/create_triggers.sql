-- Statement triggers with transition tables: they append one row for each value that a statement changes.
CREATE TRIGGER {on_begin}
  BEFORE INSERT OR UPDATE OR DELETE ON {target}
  FOR EACH STATEMENT EXECUTE FUNCTION {follow}();

CREATE TRIGGER {on_insert}
  AFTER INSERT ON {target}
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION {follow}();

CREATE TRIGGER {on_update}
  AFTER UPDATE ON {target}
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION {follow}();

CREATE TRIGGER {on_delete}
  AFTER DELETE ON {target}
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION {follow}();

CREATE TRIGGER {on_truncate}
  AFTER TRUNCATE ON {target}
  FOR EACH STATEMENT EXECUTE FUNCTION {follow}()
