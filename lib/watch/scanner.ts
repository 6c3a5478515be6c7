import type { Dirent } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { reasonOf } from '../base/errors.js'
import type { WatchNews } from '../contract/watch-events.js'
import { type FoundFile, identityOf, shown } from './file.js'
import type { WatchedFolder } from './folders.js'
import { companionOf, type Matching } from './matching.js'

/** Folders into which the watcher moves files. */
export const DONE = 'done'
export const FAILED = 'failed'

/** Files of which the system is asked at a time. */
const AT_A_TIME = 64

/** What lies in the folders. */
export interface Look {
  /** The files of datasets that are not claimed. Those that wait for their companion have `isComplete` false. */
  readonly files: readonly (FoundFile & { readonly isComplete: boolean })[]
  /** The paths of all files, also of those that are no dataset's. */
  readonly paths: ReadonlySet<string>
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

/** Looks at the folders. What is odd in them is told once, until it is gone. */
export class Scanner {
  readonly #options: ScannerOptions
  readonly #unreadable = new Set<string>()
  readonly #ignored = new Set<string>()

  constructor(options: ScannerOptions) {
    this.#options = options
  }

  /** @param isClaimed whether nothing need be known of the file of this path */
  async look(isClaimed: (path: string) => boolean): Promise<Look> {
    const { matching, folders: watched } = this.#options
    const look = { files: [] as Look['files'][number][], paths: new Set<string>(), folders: new Map() }
    for (const { path, isDeep } of watched) await this.#lookInto(path, isDeep, look, isClaimed, true)
    matching.keepOnly(look.paths)
    for (const path of this.#ignored) if (!look.paths.has(path)) this.#ignored.delete(path)
    return look
  }

  async #lookInto(
    folder: string,
    isDeep: boolean,
    look: { files: Look['files'][number][]; paths: Set<string>; folders: Map<string, string> },
    isClaimed: (path: string) => boolean,
    isWatched = false,
  ): Promise<void> {
    const entries = await this.#list(folder, look.folders, isWatched)
    const names = new Set(entries.map(({ name }) => name))
    const files: Dirent[] = []
    for (const entry of entries) {
      const { name } = entry
      if (this.#options.matching.isNoFile(name)) continue
      if (entry.isDirectory()) {
        if (isDeep && name !== DONE && name !== FAILED)
          await this.#lookInto(join(folder, name), true, look, isClaimed)
        continue
      }
      const path = join(folder, name)
      look.paths.add(path)
      if ((entry.isFile() || entry.isSymbolicLink()) && !isClaimed(path)) files.push(entry)
    }
    for (let at = 0; at < files.length; at += AT_A_TIME) {
      const some = files.slice(at, at + AT_A_TIME)
      const found = await Promise.all(some.map((entry) => this.#file(folder, entry, names)))
      look.files.push(...found.filter((each) => each !== undefined))
    }
  }

  async #list(folder: string, folders: Map<string, string>, isWatched: boolean): Promise<Dirent[]> {
    try {
      const { dev, ino } = await stat(folder, { bigint: true })
      const entries = await readdir(folder, { withFileTypes: true })
      folders.set(folder, `${dev}:${ino}`)
      if (this.#unreadable.delete(folder))
        this.#options.tell({ type: 'folder.readable', data: { folder: shown(folder) } })
      return entries
    } catch (error) {
      // A folder below a watched one may have been removed since it was listed.
      const isGone = !isWatched && (error as NodeJS.ErrnoException).code === 'ENOENT'
      if (!isGone && !this.#unreadable.has(folder)) {
        this.#unreadable.add(folder)
        const data = { folder: shown(folder), message: reasonOf(error) }
        this.#options.tell({ type: 'folder.unreadable', data })
      }
      return []
    }
  }

  async #file(
    folder: string,
    entry: Dirent,
    names: ReadonlySet<string>,
  ): Promise<Look['files'][number] | undefined> {
    const { matching, placeOf, followLinks } = this.#options
    const path = join(folder, entry.name)
    const match = matching.match(path)
    if ('reason' in match) return this.#ignore(path, match.reason)
    if (entry.isSymbolicLink() && !followLinks)
      return this.#ignore(
        path,
        'it is a symbolic link; --follow-links takes it for the file to which it leads',
      )
    const stats = await (entry.isSymbolicLink() ? stat : lstat)(path, { bigint: true }).catch((error) => {
      // The name that Node.js shows for bytes that are no UTF-8 is that of no file.
      if (entry.name.includes('\ufffd')) this.#ignore(path, 'its name is not UTF-8; rename it')
      else if (error.code !== 'ENOENT') this.#ignore(path, reasonOf(error))
    })
    if (!stats?.isFile()) return undefined
    const { dataset } = match
    const companion = companionOf(entry.name, dataset, names)
    const [identity, since] = [identityOf(stats), Number(stats.ctimeMs)]
    const place = placeOf(path)
    return {
      path,
      place,
      dataset,
      identity,
      since,
      companion: companion ?? null,
      isComplete: companion !== undefined,
    }
  }

  #ignore(path: string, message: string): undefined {
    if (this.#ignored.has(path)) return
    this.#ignored.add(path)
    this.#options.tell({ type: 'file.ignored', data: { file: shown(path), message } })
  }
}
