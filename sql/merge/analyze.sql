-- Not where somebody else is at it, or waits for the table.
ANALYZE (SKIP_LOCKED) {relations}
