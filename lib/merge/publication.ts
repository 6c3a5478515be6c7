import type { Aggregate } from '../aggregate/aggregate.js'
import { sizeOf } from '../aggregate/kinds.js'
import { countGroups } from '../aggregate/storage.js'
import { count } from '../base/count.js'
import {
  type AggregateReceipt,
  checkBalance,
  type Phase,
  type Rows,
  unbalanced,
} from '../contract/receipt.js'
import { displayName } from '../contract/table-name.js'
import { lockTableName } from '../db/locks.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import { choose } from './choose.js'
import { SqlHooks } from './sql-hooks.js'
import { Statistics } from './statistics.js'

/** What a publication made visible. */
export interface Published {
  readonly rows: Rows
  readonly aggregates: readonly AggregateReceipt[]
}

/**
 * Makes table, rows and aggregates visible in one transaction, or nothing. Everything that was read from the catalog
 * before the lock is read again under it.
 * @param isRowByRow whether to write row by row, which finds the rows that cannot be written
 * @param finish writes the receipt into the ledger, in the same transaction
 * @throws DasyError, MappingChanged, RowsRefused, RowsLeftOut; then the transaction was rolled back
 */
export async function publish(
  context: RunContext,
  judged: Judged,
  isRowByRow: boolean,
  finish: (published: Published) => Promise<void>,
): Promise<Published> {
  const { session, settings, tuning } = context
  const hooks = new SqlHooks(context, judged.duplicateKeys)
  return session.transaction(async () => {
    await tuning.apply(session)
    await lockTableName(session, settings.table)
    await hooks.before()
    const published = await merge(context, judged, isRowByRow)
    await hooks.after()
    checkBalance(published.rows)
    await finish(published)
    return published
  })
}

async function merge(context: RunContext, judged: Judged, isRowByRow: boolean): Promise<Published> {
  const strategy = await choose(context, judged, isRowByRow)
  const written = await strategy.write()
  const statistics = new Statistics(context.session, await strategy.target())
  await statistics.refresh(written)
  enter(context, 'aggregate', 'updating aggregates')
  const { aggregates, total, isAnalyzed } = await strategy.aggregate()
  const receipts = await receiptsOf(context, aggregates, total)
  if (!isAnalyzed) await statistics.refreshAggregates(aggregates)
  enter(context, 'merge', 'committing')
  await strategy.close()
  const { read, rejected, duplicates } = judged
  return { rows: { read, rejected, duplicates, ...written, deleted: 0 }, aggregates: receipts }
}

function enter({ events }: RunContext, phase: Phase, step: string): void {
  events.phase(phase)
  events.step(step)
}

/** @param total what the counts must add up to, if all rows of the table were counted in this transaction */
async function receiptsOf(
  context: RunContext,
  aggregates: readonly Aggregate[],
  total: number | undefined,
): Promise<AggregateReceipt[]> {
  const { session, settings } = context
  const receipts: AggregateReceipt[] = []
  for (const aggregate of aggregates) {
    const groups =
      total === undefined
        ? await countGroups(session, aggregate)
        : await checkedGroups(context, aggregate, total)
    const schema = settings.table.schema === undefined ? undefined : aggregate.schema
    receipts.push({ table: displayName({ schema, name: aggregate.name }), groups })
  }
  return receipts
}

/** @throws DasyError RECEIPT_UNBALANCED */
async function checkedGroups({ session }: RunContext, aggregate: Aggregate, total: number): Promise<number> {
  const { groups, rows } = await sizeOf(session, aggregate)
  if (rows === total) return groups
  throw unbalanced(
    `${count(total)} rows were inserted, but the counts of ${aggregate.name} add up to ${count(rows)}`,
  )
}
