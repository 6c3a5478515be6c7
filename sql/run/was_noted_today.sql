-- Whether another run has begun today, after the last of the runs $1 stopped: that run has printed the note about them.
SELECT EXISTS (
         SELECT
           FROM dasy.runs
          WHERE run <> ALL ($1::bigint[])
            AND started_at >= greatest(
                  date_trunc('day', now()),
                  (SELECT max(touched_at) FROM dasy.runs WHERE run = ANY ($1::bigint[])))) AS noted
