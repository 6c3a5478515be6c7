import { count } from '../base/count.js'
import { DasyError, EXIT } from '../base/errors.js'
import { exceeds } from '../contract/values.js'
import { firstRejects } from '../ledger/rejects.js'
import type { Totals } from '../ledger/run-facts.js'
import type { RunContext } from './context.js'
import { remedyOf } from './remedy.js'

/** The number of rejects in the error's details; all of them are in the ledger. */
const SHOWN = 10

/**
 * Compares the rejects of a run with its limit.
 * @throws DasyError TOO_MANY_REJECTS (exit status 3) with the first of them in its details
 */
export async function refuseTooManyRejects(context: RunContext, { read, rejected }: Totals): Promise<void> {
  const { session, run, settings } = context
  const { maxRejects } = settings.policy
  if (!exceeds(maxRejects, rejected, read)) return
  const { count: most, percent } = maxRejects

  const first = await firstRejects(session, run, SHOWN)
  const limit = percent === undefined ? count(most ?? 0) : `${percent}%`
  throw new DasyError(
    'TOO_MANY_REJECTS',
    `${count(rejected)} of ${count(read)} records cannot be loaded, ${limit} are allowed; the table is as it was`,
    {
      hint: [await remedyOf(context), `See them all: dasy rejects ${run}.`, nextStep(run, read, rejected)]
        .filter(Boolean)
        .join(' '),
      exitStatus: EXIT.rejected,
      details: { run, rejected, rejects: first },
    },
  )
}

/** A run without a good record cannot be resumed. */
function nextStep(run: number, read: number, rejected: number): string {
  if (rejected >= read)
    return 'All records are bad: correct the file, or name its dialect, and load it again.'
  return `To load the others: dasy resume ${run} --max-rejects ${rejected}, or correct the file and load it again.`
}
