-- Whether the staging of the run $1 is as the plan left it: its table, $2 records, and the table of the losers if there
-- are any ($3). After a crash of the server unlogged tables are empty.
SELECT to_regclass({staging}) IS NOT NULL
       AND (SELECT coalesce(sum(records), 0)::bigint FROM dasy.ranges WHERE run = $1) = $2::bigint
       AND (NOT $3::boolean OR to_regclass({losers}) IS NOT NULL) AS staged
