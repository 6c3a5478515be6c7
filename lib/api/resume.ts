import { DasyError } from '../base/errors.js'
import { Events } from '../contract/events.js'
import { refuseForeignOptions } from '../contract/known-options.js'
import type { ResumeOptions } from '../contract/options.js'
import type { Receipt } from '../contract/receipt.js'
import { resolveOptions, type Settings } from '../contract/settings.js'
import { changedFiles, isReadable, resolveStoredOptions } from '../contract/stored-settings.js'
import { parseCount } from '../contract/values.js'
import { Database } from '../db/database.js'
import { completedReceipt } from '../ledger/history.js'
import { ended } from '../ledger/run-ledger.js'
import type { StoredSource } from '../ledger/sources.js'
import { isSameContent, namesOf, runNotFound, type StoredRun } from '../ledger/stored-run.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import { type Caller, openOptions, Sources } from '../ranges/sources.js'
import { explained } from '../run/cancellation.js'
import { openDatabase, whenNotBusy } from '../run/connection.js'
import type { LoadTask } from '../run/load.js'
import { loadWithRetries } from '../run/load-with-retries.js'
import { PhaseTimer } from '../run/phase-timer.js'
import { readSqlFile } from '../script/sql-file.js'
import { openSource } from '../source/open.js'
import { notRepeatable } from '../source/origins/pipe.js'
import { RecordedSource } from '../source/recorded.js'
import type { Source } from '../source/source.js'
import { shownName } from '../source/standard-input.js'
import { requireRun } from './runs.js'

/**
 * Resumes a run that failed, was killed or interrupted, or had more rejects than allowed: loads what is missing,
 * and merges. Of a run that is complete it gives the receipt.
 * @throws DasyError RUN_NOT_FOUND, RUN_ENDED, RUN_ACTIVE, SOURCE_CHANGED and whatever a load may throw
 */
export async function resume(run: number, options: ResumeOptions = {}): Promise<Receipt> {
  refuseForeignOptions('resume', options)
  parseCount('run', run)
  const { signal, onEvent } = options
  const events = new Events(onEvent)
  const timer = new PhaseTimer(options.ofProcess)
  events.subscribe(timer.onEvent)
  // A bad value is refused before anything is started.
  const { retryMs } = resolveOptions(options, readSqlFile).tuning
  const caller = { signal, note: events.note }
  try {
    if (!(await Database.isThere(options))) throw runNotFound(run)
    await using database = await openDatabase(options, events)
    const found = await whenNotBusy(() => find(database, run, signal), { retryMs, ...caller })
    if ('status' in found) return announced(found, events)
    if (!isReadable(found.options)) throw ended(run)
    const settings = resolveStoredOptions(found.options, options, readSqlFile)
    for (const path of changedFiles(found.options, settings))
      events.note(`${path} has changed since run ${run} began; its new version is run`)
    await using sources = await reopen(found, settings, caller)
    const recorded = sources.all.map((source) =>
      source instanceof RecordedSource ? readingOf(source, found, settings) : undefined,
    )
    const task: LoadTask = { command: found.command, settings, sources: sources.all, run, recorded }
    return announced(await loadWithRetries(task, { database, signal, events, timer }), events)
  } catch (error) {
    throw explained(error, signal)
  }
}

function announced(receipt: Receipt, events: Events): Receipt {
  events.emit({ type: 'receipt', receipt })
  return receipt
}

/** The run, or its receipt where there is nothing left to do. */
async function find(
  database: Database,
  run: number,
  signal: AbortSignal | undefined,
): Promise<StoredRun | Receipt> {
  await using session = await database.session('dasy', signal)
  const stored = await requireRun(session, run)
  if (stored.outcome === 'completed') return await completedReceipt(session, run)
  if (stored.state === 'ended' || stored.sources.length === 0) throw ended(run)
  return stored
}

/** Its sources must be what they were. */
async function reopen(stored: StoredRun, settings: Settings, caller: Caller): Promise<Sources> {
  const sources = await Sources.openEach(stored.sources, (each) => reopenOne(each, stored, settings, caller))
  if (isSameContent(stored, sources.all)) return sources
  await sources[Symbol.asyncDispose]()
  const names = namesOf(stored)
  throw new DasyError('SOURCE_CHANGED', `${names} has changed since run ${stored.run} read it`, {
    hint: `Load it as a new run: dasy ${stored.command} ${names}`,
    details: { file: names, run: stored.run },
  })
}

/** One that is gone, or a pipe, is not needed any more where all of it is staged. */
async function reopenOne(
  remembered: StoredSource,
  { state }: StoredRun,
  settings: Settings,
  caller: Caller,
): Promise<Source> {
  const { name, path, ordinal, text_bytes } = remembered
  const isStaged = ['staged', 'merging'].includes(state) && text_bytes !== null
  try {
    if (path === null) throw notRepeatable(shownName(name))
    return await openSource(name, ordinal, openOptions(settings, caller), path)
  } catch (error) {
    const isGone = error instanceof DasyError && ['FILE_NOT_FOUND', 'NOT_REPEATABLE'].includes(error.code)
    if (!isGone || !isStaged) throw error
    return new RecordedSource({ ...remembered, name: shownName(name) }, error)
  }
}

function readingOf(source: Source, { sources, doubts: all }: StoredRun, settings: Settings): PreparedSource {
  const { lenientQuotes } = settings.reading
  const { maxRecord } = settings.limits
  const stored = sources[source.ordinal] as StoredSource
  // Those of all sources: once is enough.
  const doubts = source.ordinal === 0 ? all : []
  const { header, columns, first_byte: offset, first_line: line, dialect, encoding } = stored
  // A NULL word matters to COPY only, which has nothing to do here.
  const format = { dialect, encoding, nullWord: undefined, lenientQuotes, maxRecord }
  const opening = { columns, header, start: { offset: Number(offset), line: Number(line) } }
  const description = 'as it was read before'
  return {
    source,
    format,
    opening,
    description,
    encoding,
    doubts,
    surplus: 0,
    better: {},
    sample: Buffer.alloc(0),
  }
}
