import { requireKnownOptions } from '../contract/known-options.js'
import type { IngestOptions, UpdateOptions } from '../contract/options.js'
import type { Receipt } from '../contract/receipt.js'
import { load } from './load.js'

/**
 * Loads a catalogue: inserts new keys and updates existing ones; creates the table if it does not exist. Resumes an earlier
 * run of the same sources and options that stopped.
 * @param sources files, patterns, URLs, `-` for standard input; several are loaded as one run, in this order
 * @throws DasyError with a stable `code`; the table is then unchanged
 */
export async function ingest(
  sources: string | readonly string[],
  options: IngestOptions = {},
): Promise<Receipt> {
  requireKnownOptions('ingest', options)
  return await load({ command: 'ingest' }, sources, options)
}

/**
 * Like `ingest`, but the table must exist, and no column is added.
 * @throws DasyError with a stable `code`; the table is then unchanged
 */
export async function update(
  sources: string | readonly string[],
  options: UpdateOptions = {},
): Promise<Receipt> {
  requireKnownOptions('update', options)
  return await load({ command: 'update' }, sources, options)
}
