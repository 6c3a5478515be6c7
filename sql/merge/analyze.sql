-- Not where somebody else is at it, or waits for the table. In the transaction that wrote the rows: whoever reads them
-- after its commit also notes in each row that it is committed, and writes every page again.
ANALYZE (SKIP_LOCKED) {relations}
