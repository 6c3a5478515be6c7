DECLARE
  fitting {type} := {raw};
BEGIN
END
