-- What takes back the changes of a set, compared with the table as it is now: for each change the row that it concerns (place),
-- the opposite operation with its values, and what stands against it. An inserted row that is gone needs nothing, and neither
-- does an update of columns that are gone.
CREATE TABLE {inverse} AS
SELECT {position} AS position,
       t.ctid AS place,
       t.tableoid AS found_in,
       CASE c.op WHEN 'i' THEN 'd' WHEN 'd' THEN 'i' ELSE 'u' END::"char" AS op,
       CASE
         WHEN m.kind <> 'left' THEN m.kind
         WHEN c.op = 'd' THEN CASE WHEN t.ctid IS NOT NULL THEN 'there' END
         WHEN t.ctid IS NULL THEN 'gone'
         WHEN c.op = 'i' THEN CASE WHEN {differs} THEN 'differs' END
         WHEN {changed} THEN 'changed'
       END AS conflict,
       c.ctid AS change,
       {values}
  FROM {changes} AS c
  LEFT JOIN {misfits} AS m ON m.change = c.ctid
  LEFT JOIN {target_row}
 WHERE c.run = {run}
   AND NOT (c.op = 'i' AND t.ctid IS NULL AND coalesce(m.kind = 'left', true))
   AND (c.op <> 'u' OR {restores})
