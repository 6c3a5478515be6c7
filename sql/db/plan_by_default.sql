SET LOCAL enable_nestloop = DEFAULT;
SET LOCAL enable_hashjoin = DEFAULT;
SET LOCAL enable_mergejoin = DEFAULT;
SET LOCAL enable_seqscan = DEFAULT;
SET LOCAL enable_bitmapscan = DEFAULT
