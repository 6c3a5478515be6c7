-- The changes of a set with a value that its column does not take any more. Values are assigned as INSERT assigns them, because
-- a cast would cut off what is too long. If it is only the value that the run left (left), the row has another one by now.
DECLARE
  changed record;
BEGIN
  FOR changed IN
    SELECT c.ctid AS place, c.key, c.old, c.new
      FROM {changes} AS c
     WHERE c.run = {run}
       AND NOT EXISTS (SELECT FROM {misfits} AS m WHERE m.change = c.ctid)
  LOOP
    BEGIN
      {restored}
    EXCEPTION
      WHEN data_exception OR integrity_constraint_violation OR raise_exception OR program_limit_exceeded
           OR undefined_object OR undefined_table OR invalid_schema_name THEN
        INSERT INTO {misfits} (change, kind, reason) VALUES (changed.place, 'misfit', SQLERRM);
        CONTINUE;
    END;
    BEGIN
      {left}
    EXCEPTION
      WHEN data_exception OR integrity_constraint_violation OR raise_exception OR program_limit_exceeded
           OR undefined_object OR undefined_table OR invalid_schema_name THEN
        INSERT INTO {misfits} (change, kind) VALUES (changed.place, 'left');
    END;
  END LOOP;
END
