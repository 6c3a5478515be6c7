-- Records a staged range, for the latest attempt at the run only: of any other, no row is inserted. FOR SHARE makes a process
-- that begins another attempt wait for this transaction.
WITH mine AS (
  SELECT run
    FROM dasy.runs
   WHERE run = $1
     AND attempt = $9
     AND state <> 'ended'
     FOR SHARE
)
INSERT INTO dasy.ranges (run, source, start_byte, end_byte, first_line, next_line, records, rejected, places)
SELECT run, $2::integer, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::bigint, $10::bytea
  FROM mine
