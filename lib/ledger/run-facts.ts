import type { DasyError } from '../base/errors.js'
import type { UndoConflict } from '../contract/change.js'
import type { AggregateReceipt, Rows, Seconds } from '../contract/receipt.js'
import type { NewSource } from './sources.js'

/** What the ledger is told of a run, and what it counts. */

export type RunState = 'opened' | 'staging' | 'staged' | 'merging'

export interface NewRun {
  readonly command: string
  readonly target: string
  readonly key: readonly string[]
  /** All settings that the result depends on, except the sources. */
  readonly options: object
  readonly workers: number
  /** What detection was not sure of. */
  readonly doubts: readonly string[]
  readonly sources: readonly NewSource[]
  /** The run that it takes back. */
  readonly undoes?: number | undefined
}

/** Why a run stopped, as it is recorded. */
export interface StoredError {
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
  /** Of an undo: the first of them. */
  readonly conflicts?: readonly UndoConflict[] | undefined
}

export function storedError({ code, message, hint, details }: DasyError): StoredError {
  return { code, message, hint, conflicts: details.conflicts as StoredError['conflicts'] }
}

export interface Ending {
  readonly rows: Partial<Rows> | null
  readonly aggregates: readonly AggregateReceipt[] | null
  readonly seconds: Seconds | null
  readonly error?: StoredError
}

/** The counts of records of a run. */
export interface Totals {
  readonly read: number
  readonly rejected: number
}
