SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off
