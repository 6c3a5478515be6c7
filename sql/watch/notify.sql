-- A message that is to be sent: $1 the task, $2 the message, $3 its key.
SELECT dasy_queue.add_job(identifier => $1, payload => $2::json, job_key => $3, max_attempts => 25)
