import type { Aggregate } from '../aggregate/aggregate.js'
import type { Size } from '../aggregate/kinds.js'
import type { FoundTable } from '../catalog/target.js'
import { type Fragment, ident, sql } from '../db/sql.js'
import type { RunContext } from '../judge/context.js'
import type { Winners } from '../judge/duplicate-keys.js'
import type { Judged } from '../judge/judge.js'
import type { Column, Mapping } from '../mapping/columns.js'

/** What every strategy works with. */
export interface MergeContext extends RunContext {
  /** The name of the table in SQL. */
  readonly target: Fragment
  readonly mapping: Mapping
  /** One record of each key. */
  readonly winners: Winners & { readonly count: number }
}

/** The counts of a merge. */
export interface MergeResult {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
  readonly unchanged: number
  readonly skipped: number
}

/** The aggregates of the table, after they were updated. */
export interface MergedAggregates {
  readonly aggregates: readonly Aggregate[]
  /** What the counts must add up to, if all rows of the table were counted in this transaction. */
  readonly total?: number | undefined
  /** By their numbers: sizes that are known already. */
  readonly sizes?: ReadonlyMap<number, Size>
  /** Whether they were analyzed already. */
  readonly isAnalyzed: boolean
}

/**
 * Writes the staged records to the table, within the publishing transaction. The result does not depend on the strategy,
 * which `choose` selects.
 */
export interface MergeStrategy {
  write(): Promise<MergeResult>
  /** The table. Called after `write`. */
  target(): Promise<FoundTable>
  aggregate(): Promise<MergedAggregates>
  /** Stores the change set, if it is not stored already; then removes what it left in the schema `dasy`. */
  close(): Promise<void>
}

/** On the direct path the staging table has the columns of the table. */
function stagedByName(mapping: Mapping): Mapping {
  const named = (column: Column): Column => {
    const value = sql`s.${ident(column.target)}`
    return { ...column, raw: value, value }
  }
  return { ...mapping, columns: mapping.columns.map(named), key: mapping.key.map(named) }
}

export function mergeContext(
  context: RunContext,
  { read, rejected, duplicates, duplicateKeys }: Judged,
  mapping: Mapping,
  target: Fragment,
): MergeContext {
  const winners = { wins: duplicateKeys.wins, count: read - rejected - duplicates }
  return { ...context, target, mapping: context.known.direct ? stagedByName(mapping) : mapping, winners }
}
