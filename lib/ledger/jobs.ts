import { isAlive, isWorkerAlive } from '../db/locks.js'
import { type Fragment, part, sql } from '../db/sql.js'

/** A condition in SQL: whether what the job `j` says of the run `r` is still to be done. */
export function isToDo(): Fragment {
  return part('ledger/is_to_do', {})
}

/** A condition in SQL: whether the run `r` waits in the queue, or is taken from it. */
export function isQueued(): Fragment {
  return part('ledger/is_queued', { is_to_do: isToDo() })
}

/** In SQL: the state of the job `j` of the run `r`. */
export function jobState(): Fragment {
  const values = { is_queued: isQueued(), is_alive: isAlive(), is_worker_alive: isWorkerAlive(sql`j.worker`) }
  return part('ledger/job_state', values)
}
