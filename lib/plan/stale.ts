import { count } from '../base/count.js'
import { DasyError } from '../base/errors.js'
import type { Operation } from '../contract/change.js'

/** How many keys differ from a plan, by what was and is to become of them; null: nothing. */
export interface DifferingKeys {
  readonly planned: Operation | null
  readonly now: Operation | null
  readonly keys: number
}

const DONE: Readonly<Record<Operation, string>> = { insert: 'inserted', update: 'updated', delete: 'deleted' }

/**
 * The error of a plan that cannot be applied as it was shown.
 * @param why what is other than when it was planned
 */
export function stale(
  run: number,
  why: string,
  details: Record<string, unknown> = {},
  cause?: unknown,
): DasyError {
  return new DasyError(
    'PLAN_STALE',
    `run ${run} is not what it was when it was planned: ${why}; nothing was applied`,
    {
      hint: `To see what it would do now: dasy apply ${run} --replan`,
      details: { run, ...details },
      cause,
    },
  )
}

/** @param table its name */
export function staleKeys(run: number, table: string, differing: readonly DifferingKeys[]): DasyError {
  const differ = differing.reduce((sum, { keys }) => sum + keys, 0)
  // Digests of another version of dasy differ for the same changes; so do values that only the table can tell.
  if (differ === 0)
    return stale(run, `${table} has other values, or another version of dasy has planned it`, {
      table,
      differ,
    })
  const how = differing.map(describe).join(', ')
  const keys = differ === 1 ? '1 key differs' : `${count(differ)} keys differ`
  return stale(run, `${table} has changed, ${keys} (${how})`, { table, differ, keys: differing })
}

function describe({ planned, now, keys }: DifferingKeys): string {
  const number = count(keys)
  if (planned === null) return `${number} would be ${DONE[now as Operation]} as well`
  const was = `${number} to be ${DONE[planned]}`
  if (now === null) return `${was} would not be changed any more`
  return now === planned ? `${was} from or to other values` : `${was} would be ${DONE[now]}`
}

/** The staging of a plan is gone: PostgreSQL empties unlogged tables after a crash. */
export function planLost(run: number): DasyError {
  return new DasyError(
    'PLAN_LOST',
    `the records that run ${run} has staged are gone, so it cannot be applied`,
    {
      hint: `To read them again and plan anew: dasy apply ${run} --replan`,
      details: { run },
    },
  )
}

export function notAPlan(run: number, what: string, hint: string): DasyError {
  return new DasyError('NOT_A_PLAN', `run ${run} is no plan: ${what}`, { hint, details: { run } })
}
