import { Events } from '../contract/events.js'
import type { LoadOptions } from '../contract/options.js'
import type { Receipt } from '../contract/receipt.js'
import { resolveOptions } from '../contract/settings.js'
import { Sources } from '../ranges/sources.js'
import { interruptedOr } from '../run/cancellation.js'
import { openDatabase } from '../run/connection.js'
import type { LoadTask } from '../run/load.js'
import { loadWithRetries } from '../run/load-with-retries.js'
import { PhaseTimer } from '../run/phase-timer.js'
import { readSqlFile } from '../script/sql-file.js'

/** Loads or plans sources; the caller has checked the names of the options. */
export async function load(
  how: Pick<LoadTask, 'command' | 'mode'>,
  names: string | readonly string[],
  options: LoadOptions,
): Promise<Receipt> {
  const { signal, onEvent } = options
  const events = new Events(onEvent)
  const timer = new PhaseTimer(options.ofProcess)
  events.subscribe(timer.onEvent)
  const settings = resolveOptions(options, readSqlFile)
  try {
    timer.enter('plan')
    await using sources = await Sources.open([names].flat(), settings, { signal, note: events.note })
    await using database = await openDatabase(options, events)
    const task = { ...how, settings, sources: sources.all }
    return await loadWithRetries(task, { database, signal, events, timer })
  } catch (error) {
    throw interruptedOr(error, signal)
  }
}
