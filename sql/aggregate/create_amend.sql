-- The trigger function of the view, for users who correct counts by hand: it appends the difference, as the view's owner.
CREATE FUNCTION {amend}()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
AS $dasy$
DECLARE
  moment  bigint;
BEGIN
  SELECT greatest(e.last_value, (SELECT max(m.epoch) FROM {marks} AS m)) INTO moment FROM {epochs} AS e;
  -- By position, because the columns of a view can be renamed.
  IF TG_OP <> 'INSERT' THEN
    EXECUTE
      'INSERT INTO {storage} (value, change, level, epoch) '
      'SELECT value, -change, 0, $2 FROM (SELECT ($1).*) AS amended (value, change)' USING OLD, moment;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    EXECUTE
      'INSERT INTO {storage} (value, change, level, epoch) '
      'SELECT value, change, 0, $2 FROM (SELECT ($1).*) AS amended (value, change)' USING NEW, moment;
    RETURN NEW;
  END IF;
  RETURN OLD;
END
$dasy$;
