-- Until the end of the transaction. The key is the word "dasy" in ASCII, and 0 for the schema as a whole;
-- runs and tables use other keys of this class (see locks.ts).
SELECT pg_advisory_xact_lock(1684108153, 0)
