-- CASCADE drops the triggers that call the function.
DROP FUNCTION IF EXISTS {follow}() CASCADE;
DROP FUNCTION IF EXISTS {amend}();
DROP STATISTICS IF EXISTS {tracker};
DROP TABLE IF EXISTS {storage}, {marks};
DROP SEQUENCE IF EXISTS {epochs}
