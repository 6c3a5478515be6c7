-- The entry $1 is tried again in $2 seconds.
UPDATE dasy.outbox
   SET attempts = attempts + 1,
       failing_since = coalesce(failing_since, now()),
       next_try = now() + make_interval(secs => $2)
 WHERE entry = $1
