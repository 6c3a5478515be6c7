-- The first $1 conflicts, in the order of the set, with the changes that they prevent from being taken back.
SELECT c.key,
       i.conflict AS kind,
       c.op,
       c.old,
       c.new,
       m.reason
  FROM (
         SELECT change, conflict, position
           FROM {inverse}
          WHERE conflict IS NOT NULL
          ORDER BY position DESC NULLS LAST, change
          LIMIT $1) AS i
  JOIN {changes} AS c ON c.ctid = i.change AND c.run = {run}
  LEFT JOIN {misfits} AS m ON m.change = i.change
 ORDER BY i.position DESC NULLS LAST, c.key
