import { DasyError, internal } from '../base/errors.js'
import type { Rows, Seconds } from '../contract/receipt.js'
import { withoutRetry } from '../db/retry.js'
import { storedError } from '../ledger/run-facts.js'
import type { RunLedger } from '../ledger/run-ledger.js'
import { withDoubts } from '../ranges/doubts.js'

/** Errors that every later attempt would get too: a run that stopped with one cannot be resumed. */
const FINAL = [
  'SOURCE_CHANGED',
  'CORRUPT_SOURCE',
  'SOURCE_TOO_LARGE',
  'SUSPICIOUS_COMPRESSION',
  'DUPLICATE_KEY',
  'KEY_EXISTS',
  'RUN_TAKEN',
  'NO_HISTORY',
  'HISTORY_LOST',
  'ALREADY_UNDONE',
  'TABLE_REPLACED',
]

/** Errors after which the run waits for the user to allow more: exit status 3. */
const REJECTED = ['TOO_MANY_REJECTS', 'TOO_MANY_DELETES', 'SYNC_WITH_REJECTS', 'UNDO_CONFLICTS']

/** The error that a failed run reports, and whether the run has ended with it. */
export interface Failure {
  readonly error: DasyError
  readonly isFinal: boolean
}

export interface FailedRun {
  readonly run: number
  /** What the detection was not sure of: it may be the cause. */
  readonly doubts: readonly string[]
  /** Whether everything that is not staged yet can be read again. */
  readonly canReadAgain: boolean
  readonly again?: Again
}

/** The command that goes on with a run. */
export type Again = 'resume' | 'apply' | 'replan'

const AGAIN: Readonly<Record<Again, (run: number) => string>> = {
  resume: (run) => `Resume it: dasy resume ${run}`,
  apply: (run) => `Apply it again: dasy apply ${run}`,
  replan: (run) => `To plan it again: dasy apply ${run} --replan`,
}

/** Adds to the cause of a failure the doubts, and how to resume the run if that is possible. */
export function failureOf(cause: unknown, { run, doubts, canReadAgain, again }: FailedRun): Failure {
  const isOver = isFinal(cause, canReadAgain)
  const doubtful = withDoubts(cause, doubts)
  const error = isOver ? withoutRetry(doubtful as DasyError) : resumable(doubtful, run, again)
  return { error, isFinal: isOver }
}

/** Whether a run that failed cannot be resumed: it would fail again, or a source that it still needs is gone. */
function isFinal(cause: unknown, canReadAgain: boolean): boolean {
  if (!(cause instanceof DasyError)) return false
  return FINAL.includes(cause.code) || !canReadAgain
}

/** The same error with a hint how to resume the run, unless it names the run already. */
export function resumable(cause: unknown, run: number, again: Again = 'resume'): DasyError {
  const error = cause instanceof DasyError ? cause : internal(cause)
  const { code, message, hint, exitStatus, details, triedAgain } = error
  if (details.run !== undefined) return error
  const resume = AGAIN[again](run)
  const fullHint =
    code === 'INTERRUPTED'
      ? `${resume} (or run the same command again)`
      : [hint, resume].filter(Boolean).join(' ')
  return new DasyError(code, message, {
    hint: fullHint,
    exitStatus,
    details: { ...details, run },
    triedAgain,
    cause: error.cause,
  })
}

/** Records in the ledger why a run stopped, or that it has ended. */
export async function recordFailure(
  ledger: RunLedger,
  { error, isFinal }: Failure,
  { rows, seconds }: { readonly rows: Partial<Rows> | null; readonly seconds: Seconds },
): Promise<void> {
  const ending = { rows, aggregates: null, seconds, error: storedError(error) }
  if (isFinal) await ledger.abandon(outcomeOf(error.code), ending)
  else await ledger.stop(outcomeOf(error.code), ending)
}

export function outcomeOf(code: string): 'failed' | 'interrupted' | 'rejected' {
  if (code === 'INTERRUPTED') return 'interrupted'
  return REJECTED.includes(code) ? 'rejected' : 'failed'
}
