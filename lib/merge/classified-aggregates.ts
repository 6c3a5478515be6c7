import type { Aggregate } from '../aggregate/aggregate.js'
import { applyDifference } from '../aggregate/storage.js'
import { unbalanced } from '../contract/receipt.js'
import type { Session } from '../db/session.js'
import { sql, statement } from '../db/sql.js'
import type { Classified } from './classified.js'
import type { MergedAggregates } from './strategy.js'
import type { TableAggregates } from './table-aggregates.js'
import type { Written } from './write.js'

/** Updates the aggregates by the difference that the written rows make. */
export async function updateAggregates(
  session: Session,
  aggregates: Pick<TableAggregates, 'update'>,
  set: Classified,
  written: Pick<Written, 'inserted' | 'deleted'>,
): Promise<MergedAggregates> {
  const all = await aggregates.update((aggregate) => move(session, aggregate, set, written))
  return { aggregates: all, isAnalyzed: false }
}

async function move(
  session: Session,
  aggregate: Aggregate,
  set: Classified,
  { inserted, deleted }: Pick<Written, 'inserted' | 'deleted'>,
): Promise<void> {
  const isMoved = set.counts.moved[set.aggregates.indexOf(aggregate)]
  if (inserted === 0 && deleted === 0 && !isMoved) return
  const moved = await applyDifference(session, aggregate, difference(aggregate, set))
  if (moved !== inserted - deleted) {
    const rows =
      deleted === 0
        ? `${inserted} rows were inserted`
        : `${inserted} rows were inserted and ${deleted} deleted`
    throw unbalanced(`${rows}, but the counts of ${aggregate.name} moved by ${moved}`)
  }
}

function difference(aggregate: Aggregate, set: Classified): string {
  const old = set.old(aggregate)
  const parts: string[] = []
  if (set.hasDeletes) parts.push(statement('merge/difference_deleted', { classified: set.table, old }))
  // If rows are only deleted, they may lack the new value.
  if (set.inserted + set.counts.changed > 0) parts.push(written(aggregate, set))
  return parts.join(' UNION ALL ')
}

function written(aggregate: Aggregate, set: Classified): string {
  return statement('merge/difference', {
    classified: set.table,
    value: set.counted(aggregate),
    old: set.old(aggregate),
    written: set.inserted > 0 ? set.isWritten(sql``) : set.isChanged(sql``),
    changed: set.isChanged(sql``),
    moved: set.isMoved(aggregate),
  })
}
