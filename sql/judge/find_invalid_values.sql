-- Assigned as an INSERT does it: a cast would cut off what is too long. The variable is made inside the block, because a
-- domain may refuse the NULL that it begins with.
DECLARE
  staged record;
BEGIN
  FOR staged IN
    SELECT s.position, {raw} AS content
      FROM {staging} AS s
     WHERE {doubtful}
  LOOP
    BEGIN
      DECLARE
        fitting {type} := {content};
      BEGIN
      END;
    EXCEPTION
      WHEN data_exception OR integrity_constraint_violation OR raise_exception OR program_limit_exceeded
           OR undefined_object OR undefined_table OR invalid_schema_name THEN
        INSERT INTO {refused} (position, reason)
        VALUES (staged.position, dasy.fault(ARRAY[{column}], SQLERRM, ARRAY[staged.content]));
    END;
  END LOOP;
END
