-- A small sample, until autovacuum takes a larger one about a minute later. SKIP_LOCKED, so as not to wait for another
-- session that analyzes the table. Before the commit, because the first reader of a row after it sets the hint bits of the
-- row, so that every page would be written again.
SET LOCAL default_statistics_target = 10;
ANALYZE (SKIP_LOCKED) {relations}
