import type { RecordFormat } from '../csv/format.js'
import type { SourceLocation } from '../source/source.js'

/** What a worker has to know about a run and its sources. Plain data, because it is sent to worker threads. */

/** How to read and stage the records of a source. */
export interface SourcePlan extends RecordFormat {
  readonly name: string
  /** Where a thread reads its ranges; undefined if the ranges bring their text. */
  readonly location: SourceLocation | undefined
  /** The staging column of each field, by number from 1. */
  readonly staged: readonly number[]
  /** Whether the source can be read again later. */
  readonly repeatable: boolean
}

/** What all ranges of a run have in common. */
export interface LoadPlan {
  readonly run: number
  /** Only the latest attempt of a run can write to the ledger. */
  readonly attempt: number
  /** By the ordinals of the sources. */
  readonly sources: readonly SourcePlan[]
  /** How long temporary failures, such as a lost connection, are retried, in milliseconds. */
  readonly retryMs: number
  /**
   * On the direct path: the names of the staging columns, by their numbers. There are no positions then, and one staging table
   * for all workers.
   */
  readonly direct?: readonly string[]
}
