import type { RecordFormat } from '../csv/format.js'
import type { SourceLocation } from '../source/source.js'

/** What a worker needs to know of a run and its sources: plain data. */

/** How the text of a source is to be taken. */
export interface SourcePlan extends RecordFormat {
  readonly name: string
  /** Where a thread reads its ranges; undefined where they bring their text. */
  readonly location: SourceLocation | undefined
  /** Where in staging they go, in their order; numbers from 1. */
  readonly staged: readonly number[]
  /** Whether a record can be read again later. */
  readonly repeatable: boolean
}

/** What every range of a run has in common. */
export interface LoadPlan {
  readonly run: number
  /** At the run: only the latest one can record anything. */
  readonly attempt: number
  /** In their order. */
  readonly sources: readonly SourcePlan[]
  /** How long what passes, such as a lost connection, is tried again; in milliseconds. */
  readonly patienceMs: number
}
