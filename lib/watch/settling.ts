import { byName, type FoundFile, isSame } from './file.js'

interface Seen {
  readonly file: FoundFile
  /** When it was first seen as it is, by the monotonic clock. */
  readonly since: number
}

/**
 * Which files are whole: those that the watcher itself has seen unchanged for a time. The clock of the file system is not asked, which
 * may be another host's.
 */
export class Settling {
  readonly #ms: number
  readonly #seen = new Map<string, Seen>()

  /** @param ms for how long a file must not change */
  constructor(ms: number) {
    this.#ms = ms
  }

  /**
   * Compares what lies there now with what was there before.
   * @param now by `performance.now()`, before they were looked at
   * @param seen the same, afterwards
   * @returns the whole files, in the order of arrival; those that arrived together by their names
   */
  update(found: readonly FoundFile[], now: number, seen = now): FoundFile[] {
    const paths = new Set(found.map(({ path }) => path))
    for (const path of this.#seen.keys()) if (!paths.has(path)) this.#seen.delete(path)
    for (const file of found) {
      const before = this.#seen.get(file.path)
      const isUnchanged = before !== undefined && isSame(before.file.identity, file.identity)
      const since = isUnchanged ? before.since : seen
      this.#seen.delete(file.path)
      this.#seen.set(file.path, { file, since })
    }
    const whole = [...this.#seen.values()].filter(({ since }) => now - since >= this.#ms)
    return whole.sort((a, b) => a.since - b.since || byName(a.file, b.file)).map(({ file }) => file)
  }

  /** It must settle again: it is still being written. */
  again(path: string, now: number): void {
    const seen = this.#seen.get(path)
    if (seen) this.#seen.set(path, { ...seen, since: now })
  }

  forget(path: string): void {
    this.#seen.delete(path)
  }

  /** In how many milliseconds a file may be whole; undefined if none is settling. Whole ones that wait for something are not meant. */
  next(now: number): number | undefined {
    const times = [...this.#seen.values()].map(({ since }) => since + this.#ms - now).filter((ms) => ms > 0)
    return times.length > 0 ? times.reduce((a, b) => Math.min(a, b)) : undefined
  }
}
