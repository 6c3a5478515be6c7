import type { Target } from '../catalog/target.js'
import { displayName } from '../contract/table-name.js'
import { sql } from '../db/sql.js'
import { expectedSeconds } from '../ledger/history.js'
import type { MappedColumns } from '../mapping/mapper.js'
import type { DirectlyStaged, RunContext } from './context.js'
import { DuplicateKeys, type Winners } from './duplicate-keys.js'
import { refuseTooManyRejects } from './reject-limit.js'
import { judgeValues } from './values.js'

/** The result of judging the staged records. */
export interface Judged extends MappedColumns {
  /** The table as it was before the records were staged, if it was there. */
  readonly target?: Target | undefined
  readonly read: number
  readonly rejected: number
  /** The number of records that lose to another one with the same key. */
  readonly duplicates: number
  readonly duplicateKeys: Winners
}

/**
 * Rejects records with values that do not fit or without a key, finds duplicate keys, then compares the number of
 * rejects with its limit.
 * @param records how many are staged
 * @param target the table, if it exists
 * @throws DasyError TOO_MANY_REJECTS, DUPLICATE_KEY
 */
export async function judge(
  context: RunContext,
  mapped: MappedColumns,
  records: number,
  target: Target | undefined,
): Promise<Judged> {
  const { settings, ledger, events } = context
  await announceExpected(context, records)
  const { direct } = context.known
  if (direct) return await judgeDirect(context, mapped, target, direct)
  events.step('checking values')
  const { mapper, mapping } = await judgeValues(context, mapped, target)
  events.step('finding duplicates')
  const duplicateKeys = new DuplicateKeys(context, mapping.key)
  const duplicates = await duplicateKeys.find(records)
  const { read, rejected } = await ledger.totals()
  await refuseTooManyRejects(context, { read, rejected })
  if (duplicates > 0 && settings.policy.duplicates === 'error') throw await duplicateKeys.firstError()
  return { target, mapper, mapping, read, rejected, duplicates, duplicateKeys }
}

/** On the direct path all values fit, and the staging table has one record of each key. */
async function judgeDirect(
  context: RunContext,
  mapped: MappedColumns,
  target: Target | undefined,
  { duplicates }: DirectlyStaged,
): Promise<Judged> {
  const { read, rejected } = await context.ledger.totals()
  await refuseTooManyRejects(context, { read, rejected })
  return { ...mapped, target, read, rejected, duplicates, duplicateKeys: { wins: sql`true` } }
}

/** Fewer records are merged before anybody has read how long it will take. */
const FEW = 10_000

/** Emits how long the merge will take. Without a listener the ledger is not asked. */
async function announceExpected({ session, settings, events }: RunContext, records: number): Promise<void> {
  if (!events.hasListener || records < FEW) return
  const seconds = await expectedSeconds(session, displayName(settings.table), records)
  if (seconds !== undefined) events.emit({ type: 'expected', seconds })
}
