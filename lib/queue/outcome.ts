import { DasyError, EXIT, internal } from '../base/errors.js'
import type { QueueNews } from '../contract/queue-events.js'
import type { RunError } from '../contract/receipt.js'
import { isPassing } from '../db/retry.js'
import { storedError } from '../ledger/run-facts.js'
import type { Result, TakenRun } from './schedule.js'

/** The longest pause between two attempts, in seconds. */
const LONGEST = 3600

/** Statuses of a web server that may answer later. */
const BUSY = [408, 429]

/** What becomes of a run that a worker could not load. */
export function resultOf(error: unknown, { attempts, max_attempts }: TakenRun): Result {
  const known = error instanceof DasyError ? error : internal(error)
  const { code, exitStatus } = known
  if (code === 'INTERRUPTED' || code === 'RUN_ACTIVE' || code === 'RUN_TAKEN') return { staysInQueue: true }
  if (code === 'CANCELLED_BY_USER') return { staysInQueue: false }
  const outcome = exitStatus === EXIT.rejected ? 'rejected' : 'failed'
  const stopped = { error: storedError(known), outcome } as const
  const failures = attempts + 1
  if (!mayPass(error) || failures >= max_attempts) return { ...stopped, staysInQueue: false, pause: 0 }
  return { ...stopped, staysInQueue: true, pause: Math.min(2 ** failures, LONGEST) }
}

/** Whether it may be loaded later: the database, or the host of a source, is out of reach. */
function mayPass(error: unknown): boolean {
  if (isPassing(error)) return true
  if (!(error instanceof DasyError)) return false
  if (error.code === 'FILE_UNREACHABLE' || error.code === 'READ_FAILED') return true
  const status = Number(error.details.status)
  return error.code === 'HTTP_STATUS' && (status >= 500 || BUSY.includes(status))
}

/** How that is told. */
export function failureOf(
  { run, attempts }: TakenRun,
  { staysInQueue, pause, error, outcome }: Result,
): QueueNews {
  if (!error) return { type: staysInQueue ? 'run.interrupted' : 'run.cancelled', data: { run } }
  const known: RunError = { code: error.code, message: error.message, hint: error.hint ?? null }
  if (staysInQueue) {
    const data = { run, error: known, attempts: attempts + 1, seconds: pause ?? 0 }
    return { type: 'run.postponed', data }
  }
  return { type: outcome === 'rejected' ? 'run.rejected' : 'run.failed', data: { run, error: known } }
}
