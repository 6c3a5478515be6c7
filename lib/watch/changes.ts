/** So many names are no longer looked at one by one. */
const MOST = 1000

/** What the system has told of the folders since it was asked for last. */
export class Changes {
  #names = new Map<string, Set<string>>()
  #count = 0
  #isAll = true

  /** @param name undefined if it is not known */
  note(folder: string, name: string | undefined): void {
    if (name === undefined || this.#count >= MOST) {
      this.noteAll()
      return
    }
    const names = this.#names.get(folder) ?? new Set()
    this.#names.set(folder, names.add(name))
    this.#count += 1
  }

  /** Everything is to be looked at. */
  noteAll(): void {
    this.#isAll = true
  }

  /** @returns the names by their folders, or `'all'`: at first, and if not every change is known by its name */
  take(): ReadonlyMap<string, ReadonlySet<string>> | 'all' {
    const changed = this.#isAll ? 'all' : this.#names
    this.#names = new Map()
    this.#count = 0
    this.#isAll = false
    return changed
  }
}
