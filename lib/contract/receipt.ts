import { count } from '../base/count.js'
import { DasyError } from '../base/errors.js'
import type { Phase } from './events.js'
import type { AggregateKind } from './options.js'

/** What a load did, record by record and row by row. */
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

/** The same of a run that is under way or did not end well: what is not known is null. */
export type KnownRows = { [Name in keyof Rows]: Rows[Name] | null }

export type RunStatus = 'running' | 'completed' | 'failed' | 'interrupted' | 'rejected'

export interface AggregateReceipt {
  readonly table: string
  readonly groups: number
}

/** Seconds on the critical path; the parts add up to the total. `start`: of the process and the embedded server. */
export type Seconds = Record<'total' | Phase, number>

export interface Receipt {
  readonly run: number
  readonly command: string
  readonly status: RunStatus
  readonly source: string | readonly string[]
  readonly table: string
  readonly key: readonly string[]
  readonly bytes: number | null
  readonly workers: number
  readonly rows: Rows
  readonly aggregates: readonly AggregateReceipt[]
  readonly seconds: Seconds
  /** What the detection of the dialect was not sure of, and which flag decides. */
  readonly doubts: readonly string[]
}

/** The receipt of a run that need not be complete. */
export type KnownReceipt = Omit<Receipt, 'rows' | 'aggregates' | 'seconds'> & {
  readonly rows: KnownRows | null
  readonly aggregates: readonly AggregateReceipt[] | null
  readonly seconds: Seconds | null
  /** Of a run that is not complete: why it stopped, null while it is at work. */
  readonly error?: RunError | null
}

/** Why a run stopped. */
export interface RunError {
  readonly code: string
  readonly message: string
  readonly hint: string | null
}

/** What `aggregate` did. */
export interface AggregateResult {
  readonly aggregate: string
  readonly table: string
  readonly column: string
  readonly kind: AggregateKind
  readonly action: 'created' | 'refreshed' | 'checked' | 'dropped'
  readonly groups: number | null
  readonly largest: readonly { readonly value: string | null; readonly count: number }[]
  /** Where it was compared with its table. */
  readonly check?: AggregateCheck
}

/** How an aggregate was found to be. */
export interface AggregateCheck {
  /** How many groups were wrong. */
  readonly differing: number
  readonly repaired: boolean
  /** Ten of them at most, the largest difference first. */
  readonly differences: readonly AggregateDifference[]
}

export interface AggregateDifference {
  readonly value: string | null
  /** The count as it was kept, and as it is. */
  readonly kept: number
  readonly counted: number
}

/**
 * Every record that was read went somewhere, or nothing is committed.
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

/** @param actors what of the table may be the reason: `trigger "keep_out"` */
export function unbalanced(what: string, actors: readonly string[] = []): DasyError {
  const hint =
    actors.length > 0
      ? `The table's own triggers or rules may be the reason: ${actors.join(', ')}.`
      : 'This is a fault in dasy: please report it.'
  return new DasyError('RECEIPT_UNBALANCED', `${what}; nothing was applied`, { hint })
}
