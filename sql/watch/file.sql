-- A file is filed. $2: outcome; $3: where it is now; $4: its hash. If a run that was not completed read it, its source is where the
-- file was moved ($5: the time that moving it has changed), so that the run can be resumed.
WITH filed AS (
  UPDATE dasy.arrivals
     SET outcome = $2,
         target = $3,
         hash = coalesce($4, hash),
         filed_at = clock_timestamp()
   WHERE arrival = $1
     AND filed_at IS NULL
  RETURNING run
),
moved AS (
  UPDATE dasy.sources AS s
     SET path = $3,
         identity = s.identity || jsonb_build_object('ctimeNs', $5::text)
    FROM filed AS f
   WHERE s.run = f.run
     AND $2 = 'failed'
     AND $5::text IS NOT NULL
)
SELECT count(*)::integer AS filed
  FROM filed
