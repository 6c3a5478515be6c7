-- The changes of a set with an old value that its column does not take any more. Values are assigned as INSERT assigns them,
-- because a cast would cut off what is too long.
DECLARE
  changed record;
BEGIN
  FOR changed IN
    SELECT c.ctid AS place, c.old
      FROM {changes} AS c
     WHERE c.run = {run}
       AND c.old IS NOT NULL
  LOOP
    BEGIN
      {assignments}
    EXCEPTION
      WHEN data_exception OR integrity_constraint_violation OR raise_exception OR program_limit_exceeded
           OR undefined_object OR undefined_table OR invalid_schema_name THEN
        INSERT INTO {misfits} (change) VALUES (changed.place);
    END;
  END LOOP;
END
