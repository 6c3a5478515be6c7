import type { Aggregate } from '../aggregate/aggregate.js'
import type { Target } from '../catalog/target.js'
import type { Fragment } from '../db/sql.js'
import type { RunContext } from '../judge/context.js'
import type { DuplicateKeys } from '../judge/duplicate-keys.js'
import type { Judged } from '../judge/judge.js'
import type { Mapping } from '../mapping/columns.js'

/** What every strategy works with. */
export interface MergeContext extends RunContext {
  /** The table as it is called in SQL. */
  readonly target: Fragment
  readonly mapping: Mapping
  /** How many keys the file has. */
  readonly keys: number
  readonly duplicateKeys: DuplicateKeys
}

/** Rows by what became of them. */
export interface MergeResult {
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly skipped: number
}

/** The aggregates of the target, brought to what it holds now. */
export interface MergedAggregates {
  readonly aggregates: readonly Aggregate[]
  /** What counts that were made from nothing must add up to. */
  readonly total?: number | undefined
  /** Whether the planner knows what is in them. */
  readonly isAnalyzed: boolean
}

/**
 * A way of getting the staged records into the target, within the transaction that publishes. `choose` decides by the
 * table alone; what the table holds afterwards does not depend on the strategy.
 */
export interface MergeStrategy {
  write(): Promise<MergeResult>
  /** The table, once it is written. */
  target(): Promise<Target>
  aggregate(): Promise<MergedAggregates>
  /** Removes what it left in the schema `dasy`. */
  close(): Promise<void>
}

export function mergeContext(
  context: RunContext,
  { read, rejected, duplicates, duplicateKeys }: Judged,
  mapping: Mapping,
  target: Fragment,
): MergeContext {
  return { ...context, target, mapping, keys: read - rejected - duplicates, duplicateKeys }
}
