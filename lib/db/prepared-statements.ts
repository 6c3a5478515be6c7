import { randomBytes } from 'node:crypto'

/** In the names of prepared statements: a connection pool may keep those of earlier clients. */
const OWN = randomBytes(4).toString('hex')

/** How many texts are remembered. Most name the tables of a run, and so do not come back. */
const MOST_SEEN = 1000

/**
 * The statements of a session that PostgreSQL keeps prepared: to parse and plan what asks the catalog takes longer than to run it.
 * A text is prepared when it comes the second time.
 */
export class PreparedStatements {
  /** By their texts. */
  readonly #names = new Map<string, string>()
  readonly #seen = new Set<string>()
  readonly #once: string[] = []
  #count = 0
  #areSafe = true

  /** Whether all that were prepared are still there. */
  get areKept(): boolean {
    return this.#areSafe
  }

  /** The name under which a statement is prepared; undefined if it came for the first time, or none may be prepared. */
  nameOf(text: string): string | undefined {
    if (!this.#areSafe) return undefined
    if (this.#seen.has(text)) return this.firstNameOf(text)
    if (this.#seen.size === MOST_SEEN) this.#seen.clear()
    this.#seen.add(text)
    return undefined
  }

  /** As `nameOf`, but of a statement that is known to come again. */
  firstNameOf(text: string): string | undefined {
    if (!this.#areSafe) return undefined
    const name = this.#names.get(text) ?? this.#newName()
    this.#names.set(text, name)
    return name
  }

  /** A name for a statement that only this run uses. */
  nameOnce(): string {
    const name = this.#newName()
    this.#once.push(name)
    return name
  }

  /** The names that no other run uses, which are not known any more then. */
  takeOnce(): string[] {
    return this.#once.splice(0)
  }

  /** Foreign code may deallocate all from now on, so no statement may rely on being prepared. */
  giveUp(): void {
    this.#areSafe = false
  }

  /** All are deallocated, and foreign code has ended. */
  clear(): void {
    this.#names.clear()
    this.#seen.clear()
    this.#once.length = 0
    this.#areSafe = true
  }

  #newName(): string {
    this.#count += 1
    return `dasy_${OWN}_${this.#count}`
  }
}
