import { count } from '../base/count.js'
import { DasyError, EXIT } from '../base/errors.js'
import type { RejectLimit } from '../contract/values.js'
import type { Session } from '../db/session.js'
import { firstRejects } from '../ledger/rejects.js'

/** Rejects that the error names; all of them are in the ledger. */
const SHOWN = 10

/**
 * Whether a run may go on with as many rejects as it has.
 * @param remedy says which flag would have made good records of them, if one would
 * @throws DasyError TOO_MANY_REJECTS (exit status 3) whose details name the first of them
 */
export async function judgeRejects(
  session: Session,
  run: number,
  read: number,
  rejected: number,
  { count: most, percent }: RejectLimit,
  remedy: () => Promise<string | undefined>,
): Promise<void> {
  const allowed = percent === undefined ? (most ?? 0) : (read * percent) / 100
  if (rejected <= allowed) return

  const first = await firstRejects(session, run, SHOWN)
  const limit = percent === undefined ? count(most ?? 0) : `${percent}%`
  throw new DasyError(
    'TOO_MANY_REJECTS',
    `${count(rejected)} of ${count(read)} records cannot be loaded, ${limit} are allowed; the table is as it was`,
    {
      hint: [await remedy(), `See them all: dasy rejects ${run}.`, goOn(run, read, rejected)]
        .filter(Boolean)
        .join(' '),
      exitStatus: EXIT.rejected,
      details: { run, rejected, rejects: first },
    },
  )
}

/** Without any record there is nothing to go on with. */
function goOn(run: number, read: number, rejected: number): string {
  if (rejected >= read)
    return 'All records are bad: correct the file, or name its dialect, and load it again.'
  return `To load the others: dasy resume ${run} --max-rejects ${rejected}, or correct the file and load it again.`
}
