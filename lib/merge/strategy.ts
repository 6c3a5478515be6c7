import type { Aggregate } from '../aggregate/aggregate.js'
import type { Settings } from '../contract/settings.js'
import type { Session } from '../db/session.js'
import type { Fragment } from '../db/sql.js'
import type { Tuning } from '../db/tuning.js'
import type { DuplicateKeys } from '../judge/duplicate-keys.js'
import type { Locator } from '../ledger/locator.js'
import type { Mapping } from '../mapping/columns.js'

/** What every way of merging works with. */
export interface MergeContext {
  readonly session: Session
  readonly run: number
  readonly settings: Settings
  /** The table as it is called in SQL. */
  readonly target: Fragment
  readonly mapping: Mapping
  readonly tuning: Tuning
  /** How many keys the file has. */
  readonly keys: number
  readonly repeats: DuplicateKeys
  readonly locator: Locator
  /** Another session for what can be prepared at the same time, in the schema `dasy` only. */
  readonly helper: Session | undefined
  /** Whether rows are written so that those which cannot be are found, after a statement for all of them failed. */
  readonly careful: boolean
}

/** Rows by what became of them. */
export interface MergeResult {
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly skipped: number
}

/**
 * A way of getting the staged records into the target, within the transaction that publishes. Which one is
 * taken depends on the table alone; what it holds afterwards does not depend on the way.
 */
export interface MergeStrategy {
  /** Whether it fills aggregates anew, so that they must add up to the rows. */
  readonly recounts: boolean
  apply(): Promise<MergeResult>
  /** Brings an aggregate, whose triggers are off, to what the target holds now. */
  aggregate(aggregate: Aggregate): Promise<void>
  /** Removes what it left in the schema `dasy`. */
  close(): Promise<void>
}
