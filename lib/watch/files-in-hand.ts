import { type FileIdentity, type FoundFile, isSame } from './file.js'
import type { KnownFiles } from './scanner.js'

/** What the watcher remembers of files; the ledger has the truth. */
export class FilesInHand implements KnownFiles {
  /** By their paths, files that are claimed and not filed, by this watcher or another one. */
  readonly claimed = new Map<string, FoundFile>()
  /** Files that stay where they are, and were loaded. */
  readonly #kept = new Map<string, FileIdentity>()
  /** Since when a file has been there, by the monotonic clock: other clocks may jump, and are asked once. */
  readonly #since = new Map<string, number>()
  /** What was told of files that have to wait. */
  readonly #told = new Map<string, string>()

  isClaimed(path: string): boolean {
    return this.claimed.has(path)
  }

  isKept({ path, identity }: FoundFile): boolean {
    const kept = this.#kept.get(path)
    return kept !== undefined && isSame(kept, identity)
  }

  keep(path: string, identity: FileIdentity): void {
    this.#kept.set(path, identity)
  }

  see(files: readonly FoundFile[], now: number): void {
    for (const { path, since } of files)
      if (!this.#since.has(path)) this.#since.set(path, now - Math.max(0, Date.now() - since))
  }

  /** In seconds. */
  ageOf(path: string, now: number): number {
    return (now - (this.#since.get(path) ?? now)) / 1000
  }

  /** @returns whether it is new that it has to wait for this */
  waitsFor(path: string, reason: string): boolean {
    if (this.#told.get(path) === reason) return false
    this.#told.set(path, reason)
    return true
  }

  filed(path: string): void {
    this.claimed.delete(path)
    this.#since.delete(path)
  }

  forgetGone(isThere: (path: string) => boolean): void {
    for (const map of [this.#kept, this.#since, this.#told])
      for (const path of map.keys()) if (!isThere(path)) map.delete(path)
  }
}
