import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WatchNews } from '../contract/watch-events.js'
import type { Presence } from '../queue/presence.js'
import type { Alerts } from './alerts/alerts.js'
import { checkLate, checkMissing } from './alerts/rules.js'
import { type Ended, listKept, listOpen } from './arrivals.js'
import { Changes } from './changes.js'
import { type Claimed, type ClaimSettings, claim, tableOf } from './claim.js'
import { EndedArrivals } from './ended-arrivals.js'
import { type FoundFile, messageOf, shown } from './file.js'
import { FilesInHand } from './files-in-hand.js'
import { FolderEvents } from './folder-events.js'
import { openForWriting } from './open-for-writing.js'
import { Pace } from './pace.js'
import type { Look, Scanner } from './scanner.js'
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
  readonly #inHand = new FilesInHand()
  readonly #ended: EndedArrivals
  /** How many files were claimed, and filed. */
  #steps = 0
  /** How many files could not be opened. */
  failures = 0

  constructor(presence: Presence, scanner: Scanner, alerts: Alerts, options: WatcherOptions) {
    this.#presence = presence
    this.#scanner = scanner
    this.#alerts = alerts
    this.#options = options
    this.#settling = new Settling(options.settleMs)
    this.#pace = new Pace(options.pollMs)
    this.#ended = new EndedArrivals(presence, alerts, {
      ...options,
      filed: (ended, news) => this.#filed(ended, news),
      failed: (path, error) => this.#tellWaiting(path, messageOf(error)),
    })
  }

  /** A worker of this process has ended with a run. */
  runEnded(run: number): void {
    this.#ended.note(run)
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
        const folders = await this.#look(kind === 'poll')
        events.listenTo(folders)
        pace.looked(kind, this.#settling.next(performance.now()))
      }
      await this.#ended.fileNoted()
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
      const before = this.#steps
      await this.#look(true)
      await this.#ended.fileDuring(load())
      await this.#ended.fileAll()
      // Otherwise those that had to wait for others can be claimed now.
      if (this.#steps === before) return
    }
  }

  /** Files that stay where they are are not looked up one by one. */
  async #remember(): Promise<void> {
    if (!this.#options.stays) return
    const kept = await this.#use((session) => listKept(session, this.#options.places))
    for (const { path, size, mtime_ns, inode } of kept)
      this.#inHand.keep(path, { size: Number(size), mtimeNs: mtime_ns, inode })
  }

  /** @returns the folders that can be read */
  async #look(isPoll: boolean): Promise<Look['folders']> {
    if (isPoll) {
      await this.#forgetFiled()
      this.#changes.noteAll()
    }
    const began = performance.now()
    const { files: waiting, folders } = await this.#scanner.look(this.#changes, this.#inHand)
    if (isPoll) this.#inHand.forgetGone((path) => this.#scanner.has(path))
    const now = performance.now()
    this.#inHand.see(waiting, now)
    const complete = waiting.filter(({ isComplete }) => isComplete)
    const whole = this.#settling.update(complete, began, now)
    const open = await openForWriting(whole)
    for (const path of open) this.#settling.again(path, now)
    await this.#claimAll(whole.filter(({ path }) => !open.has(path)))
    if (isPoll) {
      await this.#ended.fileAll()
      await this.#checkAlerts(waiting, folders)
    }
    return folders
  }

  /** Other watchers file what they have claimed, or leave it to this one when they end. */
  async #forgetFiled(): Promise<void> {
    const open = new Set(await this.#use((session) => listOpen(session, this.#options.places)))
    for (const path of this.#inHand.claimed.keys()) if (!open.has(path)) this.#inHand.claimed.delete(path)
  }

  /** In the order of arrival: where one has to wait, so do those after it for the same table. */
  async #claimAll(files: readonly FoundFile[]): Promise<void> {
    const held = new Set<string>()
    let isReady = false
    for (const file of files) {
      if (this.#options.signal.aborted) break
      const table = tableOf(file)
      if (held.has(table)) continue
      const claimed = await this.#use((session) => claim(session, file, this.#options)).catch(
        (error): Claimed => ({ kind: 'later', message: messageOf(error) }),
      )
      this.#note(file, claimed)
      if (claimed.kind === 'later') held.add(table)
      isReady ||= claimed.kind === 'ready'
      await this.#ended.fileNoted()
    }
    if (isReady) await this.#ended.fileAll()
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
        this.#inHand.keep(path, identity)
        break
      case 'ready':
        if (claimed.error) this.failures += 1
        this.#steps += 1
        this.#inHand.claimed.set(path, file)
        break
      case 'taken':
        this.#inHand.claimed.set(path, file)
        break
      case 'enqueued': {
        this.#steps += 1
        this.#inHand.claimed.set(path, file)
        const data = { file: shown(path), dataset: dataset.name, run: claimed.run }
        this.#options.tell({ type: 'file.enqueued', data })
      }
    }
    this.#settling.forget(path)
  }

  #filed({ path, stays, size, mtime_ns, inode }: Ended, news: readonly WatchNews[]): void {
    for (const each of news) this.#options.tell(each)
    this.#steps += 1
    this.#inHand.filed(path)
    const isThere = stays && news[0]?.type !== 'file.replaced'
    if (isThere) this.#inHand.keep(path, { size: Number(size), mtimeNs: mtime_ns, inode })
    // Another file may have its name, or may have waited for it.
    this.#changes.note(dirname(path), basename(path))
    this.#pace.event()
  }

  /** Says once why a file has to wait. */
  #tellWaiting(path: string, message: string | undefined): void {
    if (message === undefined || !this.#inHand.waitsFor(path, message)) return
    this.#options.tell({ type: 'file.waiting', data: { file: shown(path), message } })
  }

  async #checkAlerts(waiting: readonly FoundFile[], folders: Look['folders']): Promise<void> {
    const { config, places, tell } = this.#options
    const ageOf = ({ path }: FoundFile): number => this.#inHand.ageOf(path, performance.now())
    const isWatched = (path: string): boolean => folders.has(dirname(path))
    const lying = [...waiting, ...this.#inHand.claimed.values()]
    const late = { places, isWatched, ageOf }
    const news = await this.#use(async (session) => [
      ...(await checkMissing(session, config.datasets, this.#alerts)),
      ...(await checkLate(session, lying, late, this.#alerts)),
    ])
    for (const each of news) tell(each)
  }

  #use: Presence['use'] = (work) => this.#presence.use(work)
}
