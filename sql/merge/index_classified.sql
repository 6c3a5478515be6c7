CREATE INDEX ON {classified} (position);
ANALYZE {classified}
