import type { Target } from '../catalog/target.js'
import { displayName } from '../contract/table-name.js'
import { expectedSeconds } from '../ledger/history.js'
import type { MappedColumns } from '../mapping/mapper.js'
import type { RunContext } from './context.js'
import { DuplicateKeys } from './duplicate-keys.js'
import { refuseTooManyRejects } from './reject-limit.js'
import { judgeValues } from './values.js'

/** The staged records, judged. */
export interface Judged extends MappedColumns {
  readonly read: number
  readonly rejected: number
  /** Records that lose to another one of the same key. */
  readonly duplicates: number
  readonly duplicateKeys: DuplicateKeys
}

/**
 * Rejects records with values that do not fit or without a key, finds the keys that repeat, then decides whether there
 * are too many rejects.
 * @param records how many are staged
 * @param target the table, where there is one
 * @throws DasyError TOO_MANY_REJECTS, DUPLICATE_KEY
 */
export async function judge(
  context: RunContext,
  mapped: MappedColumns,
  records: number,
  target: Target | undefined,
): Promise<Judged> {
  const { settings, ledger, events } = context
  await tellExpected(context, records)
  events.step('checking values')
  const { mapper, mapping } = await judgeValues(context, mapped, target)
  events.step('finding duplicates')
  const duplicateKeys = new DuplicateKeys(context, mapping.key)
  const duplicates = await duplicateKeys.find(records)
  const { read, rejected } = await ledger.totals()
  await refuseTooManyRejects(context, { read, rejected })
  if (duplicates > 0 && settings.policy.duplicates === 'error') throw await duplicateKeys.firstError()
  return { mapper, mapping, read, rejected, duplicates, duplicateKeys }
}

/** Only a listener wants to know. */
async function tellExpected({ session, settings, events }: RunContext, records: number): Promise<void> {
  if (!events.isHeard) return
  const seconds = await expectedSeconds(session, displayName(settings.table), records)
  if (seconds !== undefined) events.emit({ type: 'expected', seconds })
}
