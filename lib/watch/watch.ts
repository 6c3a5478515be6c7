import { EXIT, type ExitStatus } from '../base/errors.js'
import { ownHost } from '../base/host.js'
import { requireConfig } from '../config/with-dataset.js'
import { type DasyEvent, Events } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import { parseSeconds, wholeNumber } from '../contract/values.js'
import type { WatchNews } from '../contract/watch-events.js'
import type { WatchOptions } from '../contract/watch-options.js'
import { Database } from '../db/database.js'
import { isUnder } from '../queue/host.js'
import { Presence } from '../queue/presence.js'
import { prepare, summary } from '../queue/work.js'
import { type Endings, QueueWorker } from '../queue/worker.js'
import { Alerts } from './alerts/alerts.js'
import { channelsOf } from './alerts/channels.js'
import { alertTask, deliver, untilDelivered } from './alerts/delivery.js'
import { expectFiles } from './alerts/rules.js'
import { shown } from './file.js'
import { watchedFolders } from './folders.js'
import { Matching } from './matching.js'
import { Scanner } from './scanner.js'
import { Watcher } from './watcher.js'

export interface WatchResult {
  /** Of `once`: 0 if everything was loaded, 3 if the worst was a limit of the user's, else 1. */
  readonly exitStatus: ExitStatus
}

/** In seconds. */
const SETTLE = 2
const POLL = 10

/**
 * Loads the files that arrive in folders, by the datasets of the configuration, until the signal is aborted; with `once` those that lie
 * there.
 * @param folders to be watched; if there is none, the fixed leading folder of each dataset's patterns
 * @throws DasyError BAD_CONFIG, CONFIG_UNREADABLE, and if the database cannot be reached at the beginning
 */
export async function watch(
  folders: readonly string[] = [],
  options: WatchOptions = {},
): Promise<WatchResult> {
  requireKnownOptions('watch', options)
  const { once = false, work = true, keep = false, followLinks = false, onEvent, onWatchEvent } = options
  const concurrency = wholeNumber('--concurrency', options.concurrency ?? 1, 1, 256)
  // Between two looks there is some time.
  const settleMs = Math.max(1, 1000 * parseSeconds('--settle', options.settle ?? SETTLE))
  const pollMs = 1000 * parseSeconds('--poll', options.poll ?? POLL)
  const config = await requireConfig(options.config)
  const watched = watchedFolders(folders, config)
  const channels = channelsOf(config.alerts)
  const [host, { pid }] = [ownHost(), process]
  const { note } = new Events(onEvent)
  const tell = (news: WatchNews): void => onWatchEvent?.({ ...news, timestamp: new Date().toISOString() })

  await using stopping = stoppingWith(options.signal)
  const { signal } = stopping
  await using database = await Database.open(options)
  // Whoever is asked to stop while connecting has nothing to report.
  const isReady = await prepare(database, signal).catch((error) => {
    if (!signal.aborted) throw error
    return false
  })
  if (!isReady) return { exitStatus: EXIT.done }

  await using presence = new Presence(database, signal)
  const placeOf = (path: string): string => (config.shared.some((each) => isUnder(path, each)) ? '' : host)
  const scanner = new Scanner({
    folders: watched,
    matching: new Matching(config),
    placeOf,
    followLinks,
    tell,
  })
  const alerts = new Alerts(
    alertTask(host),
    channels.map(({ name }) => name),
  )
  const handling = { config, stays: keep, signal, note, settleMs, pollMs, places: [host, ''], tell }
  const watcher = new Watcher(presence, scanner, alerts, handling)
  const endings: Endings = new Map()
  const load = async (): Promise<void> => {
    const listenerOf = () => onEvent && ((event: DasyEvent) => onEvent(event))
    const onDone = (run: number): void => watcher.runEnded(run)
    const { allowPrivateUrls = false, allowPrivateWebhooks = false } = options
    const may = { allowPrivateUrls, allowPrivateWebhooks }
    const how = { host, concurrency, once, signal, ...may, tell, onDone, listenerOf }
    const worker = new QueueWorker(database, how)
    for (const [run, ending] of await worker.run()) endings.set(run, ending)
  }

  tell({ type: 'watch.started', data: { host, pid, folders: watched.map(({ path }) => shown(path)) } })
  await presence.use((session) => expectFiles(session, config.datasets))
  const delivery = channels.length > 0 ? deliver(database, channels, { host, signal, note }) : undefined
  // It is awaited at the end.
  delivery?.catch(() => {})
  try {
    if (once) {
      await watcher.once(work ? load : async () => {})
      if (delivery) await presence.use((session) => untilDelivered(session, host))
    } else {
      const parts = [watcher.run(), ...(work ? [load()] : []), ...(delivery ? [delivery] : [])]
      // One that fails ends the others.
      const ended = await Promise.allSettled(parts.map((part) => part.finally(stopping.stop)))
      for (const part of ended) if (part.status === 'rejected') throw part.reason
    }
  } catch (error) {
    if (!options.signal?.aborted) throw error
  } finally {
    stopping.stop()
    await delivery?.catch(() => {})
  }
  tell({ type: 'watch.stopped', data: { host, pid } })
  const { exitStatus } = summary(endings)
  return { exitStatus: watcher.failures > 0 || scanner.hasFailed ? EXIT.failed : exitStatus }
}

interface Stopping extends AsyncDisposable {
  readonly signal: AbortSignal
  readonly stop: () => void
}

/** A signal that the caller can abort, and that this module aborts when one of its parts ends. */
function stoppingWith(outer: AbortSignal | undefined): Stopping {
  const controller = new AbortController()
  const stop = (): void => controller.abort()
  if (outer?.aborted) stop()
  outer?.addEventListener('abort', stop, { once: true })
  return {
    signal: controller.signal,
    stop,
    async [Symbol.asyncDispose]() {
      outer?.removeEventListener('abort', stop)
    },
  }
}
