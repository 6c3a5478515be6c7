import { EXIT, type ExitStatus } from '../base/errors.js'
import { ownHost } from '../base/host.js'
import type { DasyEvent } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { QueueNews } from '../contract/queue-events.js'
import type { WorkOptions } from '../contract/queue-options.js'
import { wholeNumber } from '../contract/values.js'
import { Database } from '../db/database.js'
import { migrate } from '../db/migrations.js'
import { isTransient } from '../db/retry.js'
import { prepareQueue } from './schema.js'
import { type Endings, QueueWorker } from './worker.js'

export interface WorkResult {
  /** How many runs were loaded or planned. */
  readonly loaded: number
  /** How many others it had at work: failed, over a limit, cancelled, or to be tried again. */
  readonly notLoaded: number
  /** 0 if everything was loaded, 3 if the worst was a limit of the user's, else 1. */
  readonly exitStatus: ExitStatus
}

/**
 * Takes loads from the queue until the signal is aborted; with `once` until nothing is left that this host could begin soon.
 * @throws DasyError if the database cannot be reached at the beginning. Later it waits for a database that is gone.
 */
export async function work(options: WorkOptions = {}): Promise<WorkResult> {
  requireKnownOptions('work', options)
  const { allowPrivateUrls = false, allowPrivateWebhooks = false, onlySends = false } = options
  const { once = false, signal = new AbortController().signal, onEvent, onQueueEvent } = options
  const concurrency = wholeNumber('--concurrency', options.concurrency ?? 1, 1, 256)
  const host = ownHost()
  const tell = (news: QueueNews): void => onQueueEvent?.({ ...news, timestamp: new Date().toISOString() })
  await using database = await Database.open(options)
  // Whoever is asked to stop while connecting has nothing to report.
  const ready = await prepare(database, signal).catch((error) => {
    if (!signal.aborted) throw error
    return false
  })
  if (!ready) return summary(new Map())
  const listenerOf = (run: number) =>
    onEvent && ((event: DasyEvent) => onEvent(event.type === 'note' ? ofRun(event, run) : event))
  const worker = new QueueWorker(database, {
    host,
    concurrency,
    once,
    signal,
    allowPrivateUrls,
    allowPrivateWebhooks,
    onlySends,
    tell,
    listenerOf,
  })
  const { pid } = process
  tell({ type: 'work.started', data: { host, pid, concurrency } })
  const endings = await worker.run()
  tell({ type: 'work.stopped', data: { host, pid } })
  return summary(endings)
}

/** How often a connection may break while the schemas are prepared. A database that cannot be reached is reported at once. */
const BREAKS = 5

export async function prepare(database: Database, signal: AbortSignal): Promise<true> {
  let isReached = false
  for (let breaks = 0; ; breaks++) {
    try {
      await using session = await database.session('dasy', signal)
      isReached = true
      await migrate(session)
      await prepareQueue(database, session)
      return true
    } catch (error) {
      if (!isReached || !isTransient(error) || breaks === BREAKS) throw error
    }
  }
}

function ofRun(note: DasyEvent & { readonly type: 'note' }, run: number): DasyEvent {
  return run === 0 ? note : { ...note, text: `run ${run}: ${note.text}` }
}

export function summary(endings: Endings): WorkResult {
  const types = [...endings.values()]
  const loaded = types.filter((type) => type === 'run.completed' || type === 'run.planned').length
  const rejected = types.filter((type) => type === 'run.rejected').length
  const notLoaded = types.length - loaded
  const exitStatus = notLoaded === 0 ? EXIT.done : notLoaded === rejected ? EXIT.rejected : EXIT.failed
  return { loaded, notLoaded, exitStatus }
}
