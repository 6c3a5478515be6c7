-- Removes jobs that a killed worker had when their queue got another one: graphile-worker keeps them as failed for good.
DELETE FROM dasy_queue._private_jobs AS p
 USING dasy_queue._private_tasks AS t
 WHERE t.id = p.task_id
   AND (t.identifier = 'load' OR t.identifier LIKE 'load on %')
   AND p.key IS NULL
   AND p.locked_by IS NULL
   AND p.attempts >= p.max_attempts
