import { type FSWatcher, watch } from 'node:fs'
import { reasonOf } from '../base/errors.js'

/** What is listened to: a folder by the name that it had then. */
interface Listening {
  readonly watcher: FSWatcher
  readonly id: string
}

/**
 * Tells of which names in a folder something has happened; what, the watcher finds out. One watch for a folder, however many files it
 * has. Network folders tell nothing, and the system has limits: then only looking every few seconds finds files.
 */
export class FolderEvents implements Disposable {
  readonly #listening = new Map<string, Listening>()
  readonly #failed = new Set<string>()
  readonly #onEvent: (folder: string, name: string | undefined) => void
  readonly #onFailure: (folder: string, reason: string) => void

  /**
   * @param onEvent called without a name if it is not known
   * @param onFailure called once for a folder of which the system tells nothing
   */
  constructor(
    onEvent: (folder: string, name: string | undefined) => void,
    onFailure: (folder: string, reason: string) => void,
  ) {
    this.#onEvent = onEvent
    this.#onFailure = onFailure
  }

  /**
   * Listens to these folders, and no longer to others.
   * @param folders that exist; what distinguishes each from one that had its name before
   */
  listenTo(folders: ReadonlyMap<string, string>): void {
    for (const [folder, { id }] of this.#listening) if (folders.get(folder) !== id) this.#drop(folder)
    for (const [folder, id] of folders) if (!this.#listening.has(folder)) this.#listen(folder, id)
  }

  #listen(folder: string, id: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) =>
        this.#onEvent(folder, name ?? undefined),
      )
      watcher.on('error', () => {
        if (this.#listening.get(folder)?.watcher === watcher) this.#drop(folder)
        this.#onEvent(folder, undefined)
      })
      this.#listening.set(folder, { watcher, id })
      this.#failed.delete(folder)
      // Something may have happened since it was looked at.
      this.#onEvent(folder, undefined)
    } catch (error) {
      if (this.#failed.has(folder)) return
      this.#failed.add(folder)
      this.#onFailure(folder, reasonOf(error))
    }
  }

  #drop(folder: string): void {
    this.#listening.get(folder)?.watcher.close()
    this.#listening.delete(folder)
  }

  [Symbol.dispose](): void {
    this.listenTo(new Map())
  }
}
