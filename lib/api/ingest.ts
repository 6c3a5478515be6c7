import { Events } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { IngestOptions, LoadOptions, UpdateOptions } from '../contract/options.js'
import type { Receipt } from '../contract/receipt.js'
import { resolveOptions } from '../contract/settings.js'
import { Sources } from '../ranges/sources.js'
import { interruptedOr } from '../run/cancellation.js'
import { openDatabase } from '../run/connection.js'
import type { LoadCommand } from '../run/load.js'
import { loadWithRetries } from '../run/load-with-retries.js'
import { PhaseTimer } from '../run/phase-timer.js'
import { readSqlFile } from '../script/sql-file.js'

/**
 * Loads a catalogue: inserts new keys and updates existing ones; creates the table if it does not exist. Resumes an earlier
 * run of the same sources and options that stopped.
 * @param sources files, patterns, URLs, `-` for standard input; several are loaded as one run, in this order
 * @throws DasyError with a stable `code`; the table is then unchanged
 */
export function ingest(sources: string | readonly string[], options: IngestOptions = {}): Promise<Receipt> {
  return load('ingest', sources, options)
}

/**
 * Like `ingest`, but the table must exist, and no column is added.
 * @throws DasyError with a stable `code`; the table is then unchanged
 */
export function update(sources: string | readonly string[], options: UpdateOptions = {}): Promise<Receipt> {
  return load('update', sources, options)
}

async function load(
  command: LoadCommand,
  names: string | readonly string[],
  options: LoadOptions,
): Promise<Receipt> {
  requireKnownOptions(command, options)
  const { signal, onEvent } = options
  const events = new Events(onEvent)
  const timer = new PhaseTimer(options.ofProcess)
  events.subscribe(timer.onEvent)
  const settings = resolveOptions(options, readSqlFile)
  try {
    timer.enter('plan')
    await using sources = await Sources.open([names].flat(), settings, { signal, note: events.note })
    await using database = await openDatabase(options, events)
    const task = { command, settings, sources: sources.all }
    return await loadWithRetries(task, { database, signal, events, timer })
  } catch (error) {
    throw interruptedOr(error, signal)
  }
}
