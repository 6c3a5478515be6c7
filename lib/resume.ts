import { persevere, whenNotBusy } from './attempt.js'
import { Database } from './db/database.js'
import { DasyError } from './errors.js'
import { explained } from './interruption.js'
import { ended } from './ledger/run-ledger.js'
import { isSameContent, type StoredRun } from './ledger/stored-run.js'
import type { ResumeOptions } from './options.js'
import type { LoadTask } from './plan.js'
import type { Opening } from './ranges/opening.js'
import type { Receipt } from './receipt.js'
import { completedReceipt, requireRun } from './runs.js'
import { changedFiles, resettle, settle } from './settings.js'
import { FileSource } from './source/file.js'
import { RecordedSource } from './source/recorded.js'

/**
 * Goes on with a run that failed, was killed or interrupted, or had more rejects than allowed: loads what is missing,
 * and merges. Of a run that is complete it gives the receipt.
 * @throws DasyError RUN_NOT_FOUND, RUN_ENDED, RUN_ACTIVE, SOURCE_CHANGED and whatever a load may throw
 */
export async function resume(run: number, options: ResumeOptions = {}): Promise<Receipt> {
  settle(options) // a bad value is refused before anything is started
  try {
    await using database = await Database.open(options)
    const found = await whenNotBusy(() => find(database, run, options.signal), options)
    if ('status' in found) return found
    const settings = resettle(found.options, options)
    for (const path of changedFiles(found.options, settings))
      options.note?.(`${path} has changed since run ${run} began; it is run as it is now`)
    await using source = await openSource(found)
    const known = source instanceof RecordedSource ? { recorded: openingOf(found) } : {}
    const task: LoadTask = { command: found.command, settings, source, run, ...known }
    return await persevere(task, database, options)
  } catch (error) {
    throw explained(error, options.signal)
  }
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
  if (stored.state === 'ended' || stored.path === null) throw ended(run)
  return stored
}

/** Its file must be what it was. One that is gone is not needed any more where all of it is staged. */
async function openSource(stored: StoredRun): Promise<FileSource | RecordedSource> {
  const { run, name, state, identity } = stored
  const path = stored.path as string
  const source = await FileSource.open(name, path).catch((error: DasyError) => {
    if (error.code !== 'FILE_NOT_FOUND' || !['staged', 'merging'].includes(state)) throw error
    return new RecordedSource(name, path, identity, error)
  })
  if (isSameContent(stored, source)) return source
  await source.close()
  throw new DasyError('SOURCE_CHANGED', `${name} is not what run ${run} read: it was changed meanwhile`, {
    hint: `Load it anew: dasy ${stored.command} ${name}`,
    details: { file: name, run },
  })
}

function openingOf({ header, first_byte, first_line }: StoredRun): Omit<Opening, 'columns'> {
  const start = { offset: Number(first_byte), line: Number(first_line) }
  return { header: header as Buffer, start }
}
