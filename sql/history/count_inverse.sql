SELECT count(*) FILTER (WHERE conflict IS NULL AND op = 'i') AS inserts,
       count(*) FILTER (WHERE conflict IS NULL AND op = 'u') AS updates,
       count(*) FILTER (WHERE conflict IS NULL AND op = 'd') AS deletes,
       count(conflict) AS conflicts,
       0 AS unaccounted,
       ARRAY[{moved}]::boolean[] AS moved
  FROM {inverse}
