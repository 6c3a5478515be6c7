import { type FSWatcher, watch } from 'node:fs'
import { reasonOf } from '../base/errors.js'

/**
 * Tells that something has happened in a folder, and not what: the watcher looks. One watch for a folder, however many files it has.
 * Network folders tell nothing, and the system has limits: then only looking every few seconds finds files.
 */
export class FolderEvents implements Disposable {
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #failed = new Set<string>()
  readonly #onEvent: () => void
  readonly #onFailure: (folder: string, reason: string) => void

  /** @param onFailure called once for a folder of which the system tells nothing */
  constructor(onEvent: () => void, onFailure: (folder: string, reason: string) => void) {
    this.#onEvent = onEvent
    this.#onFailure = onFailure
  }

  /** Listens to these folders, which exist, and no longer to others. */
  listenTo(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue
      this.#watchers.delete(folder)
      watcher.close()
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#listen(folder)
  }

  #listen(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (type, name) => {
        // The folder itself was moved or removed: what has its name now is another one.
        if (type === 'rename' && name === null) this.#drop(folder, watcher)
        this.#onEvent()
      })
      watcher.on('error', () => {
        this.#drop(folder, watcher)
        this.#onEvent()
      })
      this.#watchers.set(folder, watcher)
      this.#failed.delete(folder)
    } catch (error) {
      if (this.#failed.has(folder)) return
      this.#failed.add(folder)
      this.#onFailure(folder, reasonOf(error))
    }
  }

  #drop(folder: string, watcher: FSWatcher): void {
    watcher.close()
    if (this.#watchers.get(folder) === watcher) this.#watchers.delete(folder)
  }

  [Symbol.dispose](): void {
    this.listenTo(new Set())
  }
}
