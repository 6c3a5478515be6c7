import type { BigIntStats, Dirent } from 'node:fs'
import { lstat, opendir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { reasonOf } from '../base/errors.js'
import type { Dataset } from '../config/dataset.js'
import type { WatchNews } from '../contract/watch-events.js'
import type { Changes } from './changes.js'
import { type FoundFile, identityOf, shown } from './file.js'
import type { WatchedFolder } from './folders.js'
import { companionOf, type Match, type Matching } from './matching.js'

/** Folders into which the watcher moves files. */
export const DONE = 'done'
export const FAILED = 'failed'

/** Files of which the system is asked at a time. */
const AT_A_TIME = 64
/** Names read at a time. */
const NAMES = 512

/** What Node.js shows for bytes that are no UTF-8. A name with it is often that of no file. */
const NO_UTF8 = '\ufffd'

/** A file that is neither claimed nor known. Those that wait for their companion have `isComplete` false. */
export type WaitingFile = FoundFile & { readonly isComplete: boolean }

/** What lies in the folders. */
export interface Look {
  readonly files: readonly WaitingFile[]
  /** The folders that can be read, each with what distinguishes it from another one of its name. */
  readonly folders: ReadonlyMap<string, string>
}

interface ScannerOptions {
  readonly folders: readonly WatchedFolder[]
  readonly matching: Matching
  /** The host on which a path is; '' in a shared folder. */
  readonly placeOf: (path: string) => string
  readonly followLinks: boolean
  readonly tell: (news: WatchNews) => void
}

/** What the watcher knows already. */
export interface KnownFiles {
  /** Whether nothing need be asked about the file of this path. */
  isClaimed(path: string): boolean
  /** Whether a file stays where it is, and was loaded as it is. */
  isKept(file: FoundFile): boolean
}

/** What is in a folder, however large: of most files no more than the name is kept. */
interface Listing {
  readonly isDeep: boolean
  /** Each file's dataset, or why it is left alone. */
  readonly matches: Map<string, Match>
  readonly companions: Set<string>
}

/**
 * Looks at the folders: at everything in them, or at what has changed and at the files that wait. What is odd is told once, until it is
 * gone.
 */
export class Scanner {
  readonly #options: ScannerOptions
  readonly #unreadable = new Set<string>()
  readonly #ignored = new Set<string>()
  readonly #waiting = new Map<string, WaitingFile>()
  #listings = new Map<string, Listing>()
  #folders = new Map<string, string>()
  #known: KnownFiles = { isClaimed: () => false, isKept: () => false }
  /** Whether a folder could not be read, although it is there. */
  hasFailed = false

  constructor(options: ScannerOptions) {
    this.#options = options
  }

  /** Whether there was a file of this path when all was looked at. */
  has(path: string): boolean {
    return this.#listings.get(dirname(path))?.matches.has(basename(path)) ?? false
  }

  async look(changes: Changes, known: KnownFiles): Promise<Look> {
    this.#known = known
    const changed = changes.take()
    if (changed === 'all' || !(await this.#lookAt(changed))) await this.#lookAtAll()
    return { files: [...this.#waiting.values()], folders: this.#folders }
  }

  async #lookAtAll(): Promise<void> {
    const before = this.#listings
    this.#listings = new Map()
    this.#folders = new Map()
    this.#waiting.clear()
    for (const { path, isDeep } of this.#options.folders) await this.#lookInto(path, isDeep, before, true)
    for (const path of this.#ignored)
      if (!this.has(path) && !this.#listings.has(path)) this.#ignored.delete(path)
  }

  /** @returns false if that tells too little: a folder or a companion has come */
  async #lookAt(changed: ReadonlyMap<string, ReadonlySet<string>>): Promise<boolean> {
    const { matching } = this.#options
    const paths = new Set(this.#waiting.keys())
    for (const [folder, names] of changed) {
      const listing = this.#listings.get(folder)
      if (!listing) return false
      for (const name of names) {
        if (matching.isCompanion(name)) return false
        if (matching.isNoFile(name)) continue
        const path = join(folder, name)
        if (!listing.matches.has(name)) {
          const stats = await lstat(path).catch(() => undefined)
          if (stats?.isDirectory() && listing.isDeep && !isOfWatcher(name)) return false
          if (!stats?.isFile() && !stats?.isSymbolicLink()) continue
          listing.matches.set(name, this.#newMatch(path))
        }
        paths.add(path)
      }
    }
    await inPortions([...paths], async (path) => {
      const [folder, name] = [dirname(path), basename(path)]
      const listing = this.#listings.get(folder) as Listing
      this.#waiting.delete(path)
      if (this.#isToBeAsked(listing, folder, name)) await this.#examine(listing, folder, name)
    })
    return true
  }

  async #lookInto(
    folder: string,
    isDeep: boolean,
    before: ReadonlyMap<string, Listing>,
    isWatched = false,
  ): Promise<void> {
    const { matching } = this.#options
    const matches = before.get(folder)?.matches
    const listing: Listing = { isDeep, matches: new Map(), companions: new Set() }
    this.#listings.set(folder, listing)
    const folders: string[] = []
    await this.#list(folder, isWatched, (entry) => {
      const { name } = entry
      if (matching.isCompanion(name)) listing.companions.add(name)
      if (matching.isNoFile(name)) return
      if (entry.isDirectory()) {
        if (isDeep && !isOfWatcher(name)) folders.push(name)
      } else if (entry.isFile() || entry.isSymbolicLink())
        listing.matches.set(name, matches?.get(name) ?? this.#newMatch(join(folder, name)))
    })
    const asked = [...listing.matches.keys()].filter((name) => this.#isToBeAsked(listing, folder, name))
    await inPortions(asked, (name) => this.#examine(listing, folder, name))
    for (const name of folders) await this.#lookInto(join(folder, name), true, before)
  }

  async #list(folder: string, isWatched: boolean, onEntry: (entry: Dirent) => void): Promise<void> {
    try {
      const { dev, ino } = await stat(folder, { bigint: true })
      for await (const entry of await opendir(folder, { bufferSize: NAMES })) onEntry(entry)
      this.#folders.set(folder, `${dev}:${ino}`)
      if (this.#unreadable.delete(folder))
        this.#options.tell({ type: 'folder.readable', data: { folder: shown(folder) } })
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT'
      if (!isGone) this.hasFailed = true
      // A folder below a watched one may have been removed since it was listed.
      if (!isWatched && isGone) {
        if (folder.includes(NO_UTF8)) this.#ignore(folder, 'its name is not UTF-8; rename it')
      } else if (!this.#unreadable.has(folder)) {
        this.#unreadable.add(folder)
        const data = { folder: shown(folder), message: reasonOf(error) }
        this.#options.tell({ type: 'folder.unreadable', data })
      }
    }
  }

  /** The dataset of a name that is new, or why it has none, which is told. */
  #newMatch(path: string): Match {
    const match = this.#options.matching.match(path)
    if ('reason' in match) this.#tellIgnored(path, match.reason)
    return match
  }

  #isToBeAsked({ matches, companions }: Listing, folder: string, name: string): boolean {
    const match = matches.get(name) as Match
    if ('reason' in match || this.#known.isClaimed(join(folder, name))) return false
    const { dataset } = match
    return dataset.watch.alertAfter !== undefined || companionOf(name, dataset, companions) !== undefined
  }

  /** Finds out whether a file of a dataset waits to be claimed. */
  async #examine(listing: Listing, folder: string, name: string): Promise<void> {
    const { placeOf, followLinks } = this.#options
    const path = join(folder, name)
    const { dataset } = listing.matches.get(name) as Match & { dataset: Dataset }
    const stats = await this.#statsOf(path, listing, followLinks)
    if (!stats?.isFile()) return
    const companion = companionOf(name, dataset, listing.companions)
    const isComplete = companion !== undefined
    const [identity, since] = [identityOf(stats), Number(stats.ctimeMs)]
    const place = placeOf(path)
    const file = { path, place, dataset, identity, since, companion: companion ?? null, isComplete }
    if (!this.#known.isKept(file)) this.#waiting.set(path, file)
  }

  async #statsOf(path: string, listing: Listing, followLinks: boolean): Promise<BigIntStats | undefined> {
    try {
      const stats = await lstat(path, { bigint: true })
      if (!stats.isSymbolicLink()) return stats
      if (followLinks) return await stat(path, { bigint: true })
      this.#ignore(path, 'it is a symbolic link; --follow-links takes it for the file to which it leads')
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT'
      if (path.includes(NO_UTF8)) this.#ignore(path, 'its name is not UTF-8; rename it')
      else if (isGone) listing.matches.delete(basename(path))
      else this.#ignore(path, reasonOf(error))
    }
    return undefined
  }

  /** Says once why a file is left alone that is a dataset's by its name. */
  #ignore(path: string, message: string): void {
    if (this.#ignored.has(path)) return
    this.#ignored.add(path)
    this.#tellIgnored(path, message)
  }

  #tellIgnored(path: string, message: string): void {
    this.#options.tell({ type: 'file.ignored', data: { file: shown(path), message } })
  }
}

function isOfWatcher(folder: string): boolean {
  return folder === DONE || folder === FAILED
}

async function inPortions(names: readonly string[], work: (name: string) => Promise<void>): Promise<void> {
  for (let at = 0; at < names.length; at += AT_A_TIME)
    await Promise.all(names.slice(at, at + AT_A_TIME).map(work))
}
