import { otherTransactions } from '../catalog/direct-path.js'
import type { DirectlyStaged } from '../judge/context.js'
import { Staging } from '../ledger/staging.js'
import type { StagedRange } from '../ranges/gaps.js'
import { directColumns, isAllowed } from './direct-conditions.js'
import type { Preflight } from './preflight.js'
import type { AttemptContext } from './run-context.js'
import { requireReadable } from './stage.js'

/** What earlier attempts have staged on the direct path. */

/**
 * The ranges that earlier attempts have staged on the direct path. A staging table of it that is of no use is dropped.
 * @returns undefined if the load has to be staged as usual
 */
export async function rangesBefore(
  context: AttemptContext,
  columns: readonly string[],
): Promise<StagedRange[] | undefined> {
  const { ledger, sources } = context
  if (ledger.isNew) return []
  const staging = stagingOf(context)
  const existing = await staging.directColumns()
  if (!existing) return undefined
  // The table is logged, the list of its ranges is not: a crash of the server empties that.
  const ranges = await ledger.staged()
  if (ranges.length > 0 && areSame(existing, columns)) return ranges
  if (ranges.length > 0) await requireReadable(sources)
  await staging.dropDirect()
  return ranges.length === 0 ? [] : undefined
}

/** What an earlier attempt has staged, if that is all there is: no source is needed any more. */
export async function allStagedBefore(
  context: AttemptContext,
  checked: Preflight,
): Promise<DirectlyStaged | undefined> {
  const { session, settings, ledger, sources } = context
  const columns = directColumns(checked, sources[0]?.opening.columns ?? [])?.inTable
  if (ledger.isNew || !columns || !(await isAllowed(session, checked.target, settings.table)))
    return undefined
  const staging = stagingOf(context)
  const existing = await staging.directColumns()
  const state = await ledger.state()
  const isWhole = state === 'staged' || state === 'merging'
  if (!existing || !areSame(existing, columns) || !isWhole) return undefined
  // Not after a crash of the server, see above.
  if ((await ledger.staged()).length === 0) return undefined
  const { read, rejected } = await ledger.totals()
  const duplicates = read - rejected - (await staging.countDirect())
  return {
    columns,
    duplicates,
    others: await otherTransactions(session),
    isSalvaged: true,
    groups: undefined,
  }
}

function areSame(one: readonly string[], other: readonly string[]): boolean {
  return one.join('\0') === other.join('\0')
}

export function stagingOf({ session, run }: AttemptContext): Staging {
  return new Staging(session, run, 0, 1)
}
