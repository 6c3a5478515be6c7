/** What a program gets: the same as a person at the command line, with the receipt as the result. */
export { aggregate } from './aggregate/command.js'
export { DasyError, EXIT, type ExitStatus } from './errors.js'
export type { AggregateKind, AggregateOptions, LoadOptions, OnConflict, OnDuplicate } from './options.js'
export type { Phase, Progress } from './progress.js'
export type { AggregateReceipt, AggregateResult, Receipt, Rows, RunStatus, Seconds } from './receipt.js'

import type { LoadOptions } from './options.js'
import type { Receipt } from './receipt.js'
import { load } from './run.js'

/**
 * Loads a catalogue: inserts new keys and updates existing ones; makes the table if it is missing.
 * @throws DasyError with a stable `code`; the table is as it was then
 */
export function ingest(file: string, options: LoadOptions = {}): Promise<Receipt> {
  return load('ingest', file, options)
}

/**
 * The same for a table that must exist; never makes a table or a column.
 * @throws DasyError with a stable `code`; the table is as it was then
 */
export function update(file: string, options: LoadOptions = {}): Promise<Receipt> {
  return load('update', file, options)
}
