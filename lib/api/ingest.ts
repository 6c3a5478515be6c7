import { refuseForeignOptions } from '../contract/known-options.js'
import type { LoadOptions } from '../contract/options.js'
import type { Receipt } from '../contract/receipt.js'
import { resolveOptions } from '../contract/settings.js'
import { Sources } from '../ranges/sources.js'
import { explained } from '../run/cancellation.js'
import { loadWithRetries, openDatabase } from '../run/load-with-retries.js'
import { PhaseTimer } from '../run/phase-timer.js'
import type { LoadCommand } from '../run/preflight.js'
import { readSqlFile } from '../script/sql-file.js'

/**
 * Loads a catalogue: inserts new keys and updates existing ones; makes the table if it is missing. Goes on with an
 * earlier run of the same sources and options that stopped.
 * @param sources files, patterns, URLs, `-` for standard input; several are one run, in their order
 * @throws DasyError with a stable `code`; the table is as it was then
 */
export function ingest(sources: string | readonly string[], options: LoadOptions = {}): Promise<Receipt> {
  return load('ingest', sources, options)
}

/**
 * The same for a table that must exist; never makes a table or a column.
 * @throws DasyError with a stable `code`; the table is as it was then
 */
export function update(sources: string | readonly string[], options: LoadOptions = {}): Promise<Receipt> {
  return load('update', sources, options)
}

async function load(
  command: LoadCommand,
  names: string | readonly string[],
  options: LoadOptions,
): Promise<Receipt> {
  refuseForeignOptions(command, options)
  const watch = new PhaseTimer(options.ofProcess)
  const settings = resolveOptions(options, readSqlFile)
  try {
    watch.enter('plan')
    await using sources = await Sources.open([names].flat(), settings, options)
    await using database = await openDatabase(options, watch)
    return await loadWithRetries({ command, settings, sources: sources.all }, database, options, watch)
  } catch (error) {
    throw explained(error, options.signal)
  }
}
