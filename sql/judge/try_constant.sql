DECLARE
  fitting {type} := {content};
BEGIN
END
