-- A small sample, for a start: the server sees to it that a larger one is taken in a minute or so. Not where somebody
-- else is at it, or waits for the table. In the transaction that wrote the rows, because whoever reads them after its
-- commit also notes in each that it is committed, and writes every page again.
SET LOCAL default_statistics_target = 10;
ANALYZE (SKIP_LOCKED) {relations}
