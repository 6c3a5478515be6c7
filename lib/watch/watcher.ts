import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WatchNews } from '../contract/watch-events.js'
import type { Presence } from '../queue/presence.js'
import type { Alerts } from './alerts/alerts.js'
import { checkLate, checkMissing } from './alerts/rules.js'
import { type Ended, listEnded, listKept, listOpen } from './arrivals.js'
import { Changes } from './changes.js'
import { type Claimed, type ClaimSettings, claim, tableOf } from './claim.js'
import { type FileIdentity, type FoundFile, isSame, messageOf, shown } from './file.js'
import { fileArrival } from './filing.js'
import { FolderEvents } from './folder-events.js'
import { openForWriting } from './open-for-writing.js'
import { Pace } from './pace.js'
import type { KnownFiles, Look, Scanner } from './scanner.js'
import { Settling } from './settling.js'

/** A timer may fire a little early. */
const TIMER_MS = 10

export interface WatcherOptions extends ClaimSettings {
  readonly settleMs: number
  readonly pollMs: number
  /** The host, and '' for shared folders. */
  readonly places: readonly string[]
  readonly tell: (news: WatchNews) => void
}

/**
 * Watches the folders: looks, waits until files are whole, claims them, and files those whose runs have ended. One thing at a time; the
 * loads themselves are done by workers of the queue.
 */
export class Watcher {
  readonly #presence: Presence
  readonly #scanner: Scanner
  readonly #alerts: Alerts
  readonly #options: WatcherOptions
  readonly #settling: Settling
  readonly #pace: Pace
  readonly #changes = new Changes()
  /** By their paths, files that are claimed and not filed, by this watcher or another one. */
  readonly #claimed = new Map<string, FoundFile>()
  /** Files that stay where they are, and were loaded. */
  readonly #kept = new Map<string, FileIdentity>()
  /** Since when a file has been there, by the monotonic clock: other clocks may jump, and are asked once. */
  readonly #firstSeen = new Map<string, number>()
  /** What was told of files that have to wait. */
  readonly #told = new Map<string, string>()
  readonly #known: KnownFiles = {
    isClaimed: (path) => this.#claimed.has(path),
    isKept: ({ path, identity }) => {
      const kept = this.#kept.get(path)
      return kept !== undefined && isSame(kept, identity)
    },
  }
  #endedRuns: number[] = []
  /** How many files could not be opened. */
  failures = 0

  constructor(presence: Presence, scanner: Scanner, alerts: Alerts, options: WatcherOptions) {
    this.#presence = presence
    this.#scanner = scanner
    this.#alerts = alerts
    this.#options = options
    this.#settling = new Settling(options.settleMs)
    this.#pace = new Pace(options.pollMs)
  }

  /** A worker of this process has ended with a run. */
  runEnded(run: number): void {
    this.#endedRuns.push(run)
    this.#pace.wake()
  }

  /** Watches until the signal is aborted. */
  async run(): Promise<void> {
    const { signal, tell } = this.#options
    const pace = this.#pace
    using events = new FolderEvents(
      (folder, name) => {
        this.#changes.note(folder, name)
        pace.event()
      },
      (folder, message) => tell({ type: 'folder.polled', data: { folder: shown(folder), message } }),
    )
    const stop = (): void => pace.wake()
    signal.addEventListener('abort', stop, { once: true })
    await this.#remember()
    while (!signal.aborted) {
      const kind = pace.due()
      if (kind !== undefined) {
        const { folders } = await this.#look(kind === 'poll')
        events.listenTo(folders)
        pace.looked(kind, this.#settling.next(performance.now()))
      }
      await this.#fileEndedRuns()
      if (!signal.aborted) await pace.wait()
    }
    signal.removeEventListener('abort', stop)
  }

  /** Handles the files that lie there and do not change meanwhile. @param load does what is in the queue */
  async once(load: () => Promise<void>): Promise<void> {
    const { signal, settleMs } = this.#options
    await this.#remember()
    await this.#look(true)
    await sleep(settleMs + TIMER_MS, undefined, { signal }).catch(() => {})
    while (!signal.aborted) {
      const { claims } = await this.#look(true)
      await load()
      this.#endedRuns = []
      await this.#fileAll()
      // Those that had to wait for others can be claimed now.
      if (claims === 0) return
    }
  }

  /** Files that stay where they are are not looked up one by one. */
  async #remember(): Promise<void> {
    if (!this.#options.stays) return
    const kept = await this.#use((session) => listKept(session, this.#options.places))
    for (const { path, size, mtime_ns, inode } of kept)
      this.#kept.set(path, { size: Number(size), mtimeNs: mtime_ns, inode })
  }

  /** @returns the folders that can be read, and how many files were claimed */
  async #look(isPoll: boolean): Promise<{ folders: Look['folders']; claims: number }> {
    if (isPoll) await this.#forgetFiled()
    const began = performance.now()
    if (isPoll) this.#changes.noteAll()
    const { files: waiting, folders } = await this.#scanner.look(this.#changes, this.#known)
    if (isPoll) this.#forgetGone()
    const now = performance.now()
    for (const { path, since } of waiting)
      if (!this.#firstSeen.has(path)) this.#firstSeen.set(path, now - Math.max(0, Date.now() - since))
    const complete = waiting.filter(({ isComplete }) => isComplete)
    const whole = this.#settling.update(complete, began, now)
    const open = await openForWriting(whole)
    for (const path of open) this.#settling.again(path, now)
    const claims = await this.#claimAll(whole.filter(({ path }) => !open.has(path)))
    if (isPoll) {
      await this.#fileAll()
      await this.#checkAlerts(waiting, folders)
    }
    return { folders, claims }
  }

  /** Other watchers file what they have claimed, or leave it to this one when they end. */
  async #forgetFiled(): Promise<void> {
    const open = new Set(await this.#use((session) => listOpen(session, this.#options.places)))
    for (const path of this.#claimed.keys()) if (!open.has(path)) this.#claimed.delete(path)
  }

  #forgetGone(): void {
    for (const map of [this.#kept, this.#firstSeen, this.#told])
      for (const path of map.keys()) if (!this.#scanner.has(path)) map.delete(path)
  }

  /** In the order of arrival: where one has to wait, so do those after it for the same table. */
  async #claimAll(files: readonly FoundFile[]): Promise<number> {
    const held = new Set<string>()
    let [claims, ready] = [0, 0]
    for (const file of files) {
      if (this.#options.signal.aborted) break
      const table = tableOf(file)
      if (held.has(table)) continue
      const claimed = await this.#use((session) => claim(session, file, this.#options)).catch(
        (error): Claimed => ({ kind: 'later', message: messageOf(error) }),
      )
      this.#note(file, claimed)
      if (claimed.kind === 'later') held.add(table)
      if (claimed.kind === 'ready') ready += 1
      if (claimed.kind === 'enqueued' || claimed.kind === 'ready') claims += 1
      await this.#fileEndedRuns()
    }
    if (ready > 0) await this.#fileAll()
    return claims
  }

  #note(file: FoundFile, claimed: Claimed): void {
    const { path, identity, dataset } = file
    switch (claimed.kind) {
      case 'later':
        this.#tellWaiting(path, claimed.message)
        return
      case 'changed':
        this.#settling.again(path, performance.now())
        return
      case 'known':
        this.#kept.set(path, identity)
        break
      case 'ready':
        if (claimed.error) this.failures += 1
        this.#claimed.set(path, file)
        break
      case 'taken':
        this.#claimed.set(path, file)
        break
      case 'enqueued': {
        this.#claimed.set(path, file)
        const data = { file: shown(path), dataset: dataset.name, run: claimed.run }
        this.#options.tell({ type: 'file.enqueued', data })
      }
    }
    this.#settling.forget(path)
  }

  /** Files what workers of this process have ended with. */
  async #fileEndedRuns(): Promise<void> {
    while (this.#endedRuns.length > 0 && !this.#options.signal.aborted) {
      const run = this.#endedRuns.shift()
      const ended = await this.#use((session) => listEnded(session, this.#options.places, run))
      for (const each of ended) await this.#file(each)
    }
  }

  /** Files everything that can be filed, whoever loaded it. */
  async #fileAll(): Promise<void> {
    for (const each of await this.#use((session) => listEnded(session, this.#options.places)))
      await this.#file(each)
  }

  async #file(ended: Ended): Promise<void> {
    const { path, stays, size, mtime_ns, inode } = ended
    try {
      const news = await this.#use((session) => fileArrival(session, ended, this.#alerts))
      for (const each of news) this.#options.tell(each)
      if (news.length === 0) return
      this.#claimed.delete(path)
      this.#firstSeen.delete(path)
      const isThere = stays && news[0]?.type !== 'file.replaced'
      if (isThere) this.#kept.set(path, { size: Number(size), mtimeNs: mtime_ns, inode })
      // Another file may have its name, or may have waited for it.
      this.#changes.note(dirname(path), basename(path))
      this.#pace.event()
    } catch (error) {
      if (!this.#options.signal.aborted) this.#tellWaiting(path, messageOf(error))
    }
  }

  /** Says once why a file has to wait. */
  #tellWaiting(path: string, message: string | undefined): void {
    if (message === undefined || this.#told.get(path) === message) return
    this.#told.set(path, message)
    this.#options.tell({ type: 'file.waiting', data: { file: shown(path), message } })
  }

  async #checkAlerts(waiting: readonly FoundFile[], folders: Look['folders']): Promise<void> {
    const { config, places, tell } = this.#options
    const now = performance.now()
    const ageOf = ({ path }: FoundFile): number => (now - (this.#firstSeen.get(path) ?? now)) / 1000
    const isWatched = (path: string): boolean => folders.has(dirname(path))
    const lying = [...waiting, ...this.#claimed.values()]
    const late = { places, isWatched, ageOf }
    const news = await this.#use(async (session) => [
      ...(await checkMissing(session, config.datasets, this.#alerts)),
      ...(await checkLate(session, lying, late, this.#alerts)),
    ])
    for (const each of news) tell(each)
  }

  #use: Presence['use'] = (work) => this.#presence.use(work)
}
