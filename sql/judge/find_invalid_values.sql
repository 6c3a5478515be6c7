-- Values are assigned as INSERT assigns them, because a cast would cut off what is too long. The variable is declared inside
-- the block with its value, because a domain may refuse NULL, the initial value of other variables.
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
