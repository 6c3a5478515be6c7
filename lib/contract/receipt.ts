import { count } from '../base/count.js'
import { DasyError } from '../base/errors.js'
import type { Change } from './change.js'

/**
 * The counts of a run: how many of its records were rejected, inserted and so on. (`deleted` counts rows.) In a run without
 * sources (undo, purge) `read` is the number of changes that it was to make.
 */
export interface Rows {
  read: number
  rejected: number
  duplicates: number
  inserted: number
  updated: number
  unchanged: number
  skipped: number
  deleted: number
}

/** The counts of a run that is not complete: null if unknown. */
export type KnownRows = { [Name in keyof Rows]: Rows[Name] | null }

export type RunStatus = 'running' | 'completed' | 'failed' | 'interrupted' | 'rejected' | 'planned'

export interface AggregateReceipt {
  /** The name of the aggregate. */
  readonly table: string
  readonly groups: number
}

/** How an aggregate is kept up to date: by triggers, by command, or as a view that counts when it is read. */
export type AggregateKind = 'live' | 'manual' | 'view'

/** The parts into which the time of a run is divided. */
export type Phase = 'start' | 'plan' | 'copy' | 'merge' | 'aggregate'

/** Seconds on the critical path; the parts add up to the total. `start`: of the process and the embedded server. */
export type Seconds = Record<'total' | Phase, number>

/** The result of a load. */
export interface Receipt {
  readonly run: number
  readonly command: string
  readonly status: RunStatus
  /** Null if it has none: undo and purge. */
  readonly source: string | readonly string[] | null
  readonly table: string
  readonly key: readonly string[]
  readonly bytes: number | null
  readonly workers: number
  readonly rows: Rows
  readonly aggregates: readonly AggregateReceipt[]
  readonly seconds: Seconds
  /** What detection was not sure of, and which flag decides. */
  readonly doubts: readonly string[]
}

/** The receipt of a plan: the counts that the run will have if the table does not change. */
export interface PlanReceipt extends Receipt {
  /** The first changes of each kind. */
  readonly sample: readonly Change[]
}

/** The receipt of any run, complete or not: null if unknown. */
export type KnownReceipt = Omit<Receipt, 'rows' | 'aggregates' | 'seconds'> & {
  readonly rows: KnownRows | null
  readonly aggregates: readonly AggregateReceipt[] | null
  readonly seconds: Seconds | null
  /** Only of a run that is not complete: why it stopped, or null while it is running. */
  readonly error?: RunError | null
}

/** Why a run stopped. */
export interface RunError {
  readonly code: string
  readonly message: string
  readonly hint: string | null
}

/** The result of `aggregate`. */
export interface AggregateResult {
  readonly aggregate: string
  readonly table: string
  readonly column: string
  readonly kind: AggregateKind
  readonly action: 'created' | 'refreshed' | 'checked' | 'dropped'
  readonly groups: number | null
  readonly largest: readonly { readonly value: string | null; readonly count: number }[]
  /** Only with `check`: how it compares with its table. */
  readonly check?: AggregateCheck
}

/** The result of comparing an aggregate with its table. */
export interface AggregateCheck {
  /** The number of groups whose count was wrong or missing. */
  readonly differing: number
  readonly repaired: boolean
  /** At most ten of them, the largest difference first. */
  readonly differences: readonly AggregateDifference[]
}

export interface AggregateDifference {
  readonly value: string | null
  /** The count in the aggregate. */
  readonly kept: number
  /** The count in the table. */
  readonly counted: number
}

/**
 * Every record that was read must be accounted for; otherwise the transaction is rolled back.
 * @throws DasyError RECEIPT_UNBALANCED
 */
export function checkBalance(rows: Rows): void {
  const { read, rejected, duplicates, inserted, updated, unchanged, skipped } = rows
  const counts = Object.values(rows)
  const accounted = rejected + duplicates + inserted + updated + unchanged + skipped
  if (read === accounted && counts.every((each) => each >= 0)) return
  throw unbalanced(
    `${count(read)} records were read, but ${count(accounted)} are accounted for: ${JSON.stringify(rows)}`,
  )
}

/**
 * The same for a run without a file, which takes back or deletes rows: `read` is the number of changes that it was to make.
 * @throws DasyError RECEIPT_UNBALANCED
 */
export function checkChangeBalance(rows: Rows): void {
  const { read, inserted, updated, deleted, unchanged, skipped } = rows
  const accounted = inserted + updated + deleted + unchanged + skipped
  if (read === accounted && Object.values(rows).every((each) => each >= 0)) return
  throw unbalanced(
    `${count(read)} changes were to be made, but ${count(accounted)} are accounted for: ${JSON.stringify(rows)}`,
  )
}

/** @param actors triggers and rules of the table, which may be the cause: `trigger "keep_out"` */
export function unbalanced(what: string, actors: readonly string[] = []): DasyError {
  const hint =
    actors.length > 0
      ? `The table's own triggers or rules may be the cause: ${actors.join(', ')}.`
      : 'This is a fault in dasy: please report it.'
  return new DasyError('RECEIPT_UNBALANCED', `${what}; nothing was applied`, { hint })
}
