import { DasyError } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { RunContext } from '../judge/context.js'
import { isInvalidValue } from '../judge/invalid-values.js'
import { type Judged, judge } from '../judge/judge.js'
import { refuseTooManyRejects } from '../judge/reject-limit.js'
import { forgetDerived } from '../ledger/staging.js'
import type { MappedColumns } from '../mapping/mapper.js'
import { MappingChanged } from '../merge/mapping-changed.js'
import { RowsLeftOut, RowsRefused, rejectRefused } from '../merge/refused-rows.js'

/**
 * Judges the staged records, after which the run is merging.
 * @param records how many are staged
 * @param target the table as the preflight found it
 */
export async function judgeStaged(
  context: RunContext,
  mapped: MappedColumns,
  records: number,
  target: Target | undefined,
): Promise<Judged> {
  context.events.phase('merge')
  const judged = await judge(context, mapped, records, target)
  await context.ledger.enter('merging')
  return judged
}

/**
 * Judges the staged records again after a publication that was rolled back: without the rows that the table refused, or
 * with the mapping to the table as it is now.
 * @throws the error of the publication, if it is neither of the two
 */
export async function judgeAgain(
  context: RunContext,
  judged: Judged,
  error: unknown,
  target: Target | undefined,
): Promise<Judged> {
  const { session, run, ledger } = context
  let mapped: MappedColumns = judged
  if (error instanceof RowsRefused) {
    await rejectRefused(context, error)
    // If there are too many rejects already, the pass over the other records is not needed.
    await refuseTooManyRejects(context, await ledger.totals())
  } else if (error instanceof MappingChanged) {
    mapped = { mapper: judged.mapper, mapping: error.mapping }
  } else {
    throw error
  }
  await forgetDerived(session, run)
  return await judgeStaged(context, mapped, judged.read, target)
}

/** How often records are judged again because the table has changed: SQL of the user may alter it each time. */
const MOST_CHANGES = 10

/**
 * @param changes how often the table had other columns when its rows were about to be written
 * @throws DasyError TABLE_CHANGED
 */
export function refuseMoreChanges(changes: number, table: TableName): void {
  if (changes <= MOST_CHANGES) return
  const name = displayName(table)
  throw new DasyError(
    'TABLE_CHANGED',
    `${name} had other columns each of the ${changes} times that its rows were about to be written`,
    {
      hint: 'Load again when no session alters it; SQL of "before" must create the same columns each time.',
      details: { table: name },
    },
  )
}

/** Whether single rows may be the reason why a publication failed: writing row by row finds them, and writes the others. */
export function isForRowByRow(error: unknown, { mapping }: Judged): boolean {
  return !mapping.isNew && (isInvalidValue(error) || error instanceof RowsLeftOut)
}
