import { type Fragment, part } from '../db/sql.js'

/** A condition in SQL: whether the run `r` waits in the queue, or is taken from it. */
export function isQueued(): Fragment {
  return part('ledger/is_queued', {})
}
