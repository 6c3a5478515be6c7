import type { Aggregate } from '../aggregate/aggregate.js'
import { type Size, sizeOf } from '../aggregate/kinds.js'
import { countGroups } from '../aggregate/storage.js'
import { count } from '../base/count.js'
import type { Events } from '../contract/events.js'
import { type AggregateReceipt, type Phase, type Rows, unbalanced } from '../contract/receipt.js'
import { displayName, type TableName } from '../contract/table-name.js'
import { lockTableName } from '../db/locks.js'
import type { Session } from '../db/session.js'
import type { Tuning } from '../db/tuning.js'
import { Statistics } from './statistics.js'
import type { MergedAggregates, MergeResult, MergeStrategy } from './strategy.js'

/** What a publication made visible. */
export interface Published {
  readonly rows: Rows
  readonly aggregates: readonly AggregateReceipt[]
}

/** What publishing works with: part of a load's RunContext. */
export interface PublishContext {
  readonly session: Session
  readonly settings: { readonly table: TableName }
  readonly tuning: Tuning
  readonly events: Events
}

/** What is published. */
export interface Publication {
  /** Runs before the table is looked at. */
  before?(): Promise<void>
  /** Chooses how to write, and locks the table if it exists. */
  choose(): Promise<MergeStrategy>
  /** Runs when rows and aggregates are written. */
  after?(): Promise<void>
  /**
   * The counts of the receipt, which balance.
   * @throws DasyError RECEIPT_UNBALANCED
   */
  rows(written: MergeResult): Rows
}

/**
 * Makes table, rows and aggregates visible in one transaction, or nothing. Everything that was read from the catalog
 * before the lock is read again under it.
 * @param finish writes the receipt into the ledger, in the same transaction
 * @throws DasyError, MappingChanged, RowsRefused, RowsLeftOut; then the transaction was rolled back
 */
export async function publish(
  context: PublishContext,
  publication: Publication,
  finish: (published: Published) => Promise<void>,
): Promise<Published> {
  const { session, settings, tuning, events } = context
  const choose = async (): Promise<MergeStrategy> => {
    await publication.before?.()
    return await publication.choose()
  }
  const published = await session.transaction(async () => {
    const [, strategy] = await session.together(() => [lockTableName(session, settings.table), choose()])
    const { written, aggregates } = await merge(context, strategy)
    await publication.after?.()
    const published = { rows: publication.rows(written), aggregates }
    await finish(published)
    return published
  }, tuning.settings)
  events.tellObservers({ type: 'published' })
  return published
}

async function merge(
  context: PublishContext,
  strategy: MergeStrategy,
): Promise<{ written: MergeResult; aggregates: AggregateReceipt[] }> {
  const written = await strategy.write()
  const statistics = new Statistics(context.session, await strategy.target())
  await statistics.refresh(written)
  enter(context, 'aggregate', 'updating aggregates')
  const merged = await strategy.aggregate()
  const receipts = await receiptsOf(context, merged)
  if (!merged.isAnalyzed) await statistics.refreshAggregates(merged.aggregates)
  enter(context, 'merge', 'committing')
  await strategy.close()
  return { written, aggregates: receipts }
}

function enter({ events }: PublishContext, phase: Phase, step: string): void {
  events.phase(phase)
  events.step(step)
}

async function receiptsOf(
  { session, settings }: PublishContext,
  { aggregates, total, sizes }: MergedAggregates,
): Promise<AggregateReceipt[]> {
  const receipts: AggregateReceipt[] = []
  for (const aggregate of aggregates) {
    const groups =
      total === undefined
        ? await countGroups(session, aggregate)
        : checkedGroups(aggregate, sizes?.get(aggregate.id) ?? (await sizeOf(session, aggregate)), total)
    const schema = settings.table.schema === undefined ? undefined : aggregate.schema
    receipts.push({ table: displayName({ schema, name: aggregate.name }), groups })
  }
  return receipts
}

/**
 * @param total what the counts must add up to
 * @throws DasyError RECEIPT_UNBALANCED
 */
function checkedGroups({ name }: Aggregate, { groups, rows }: Size, total: number): number {
  if (rows === total) return groups
  throw unbalanced(`${count(total)} rows were inserted, but the counts of ${name} add up to ${count(rows)}`)
}
