import { randomBytes } from 'node:crypto'
import { ident, query, statement } from './sql.js'

/** In the names of prepared statements: a connection pool may keep those of earlier clients. */
const OWN = randomBytes(4).toString('hex')

/** How many texts are remembered. Many name the tables of a run, and so do not come back. */
const MOST_SEEN = 1000

/**
 * The statements of a session that PostgreSQL keeps prepared: to parse and plan what asks the catalog takes longer than to run it.
 * What a session does is divided into rounds, such as runs: a text is prepared when it comes again in a later round.
 */
export class PreparedStatements {
  /** By their texts. */
  readonly #names = new Map<string, string>()
  /** The texts of earlier rounds, and of this one. */
  readonly #earlier = new Set<string>()
  readonly #now = new Set<string>()
  readonly #once: string[] = []
  #count = 0
  #mayRely = true

  /** The name under which a statement is prepared; undefined if no earlier round had it, or none may be prepared. */
  nameOf(text: string): string | undefined {
    if (this.#earlier.has(text)) return this.nameAtOnce(text)
    if (this.#now.size < MOST_SEEN) this.#now.add(text)
    return undefined
  }

  /** As `nameOf`, but of a statement that is known to come again. */
  nameAtOnce(text: string): string | undefined {
    if (!this.#mayRely) return undefined
    const name = this.#names.get(text) ?? this.#newName()
    this.#names.set(text, name)
    return name
  }

  /** A name for a statement that only this round uses. */
  nameOnce(): string {
    const name = this.#newName()
    this.#once.push(name)
    return name
  }

  endRound(): void {
    if (this.#earlier.size + this.#now.size > MOST_SEEN) this.#earlier.clear()
    for (const text of this.#now) this.#earlier.add(text)
    this.#now.clear()
  }

  /**
   * SQL that sets the session back for the next round: as DISCARD ALL does, but what comes again stays prepared.
   * @param there what is prepared still: foreign code may have deallocated all
   */
  setBack(there: ReadonlySet<string>): string {
    this.#mayRely = true
    if (![...this.#names.values(), ...this.#once].every((name) => there.has(name))) {
      this.#clear()
      return 'DISCARD ALL'
    }
    this.endRound()
    const once = this.#once.splice(0).map((name) => query`DEALLOCATE ${ident(name)}`)
    return [statement('db/set_back'), ...once].join(';\n')
  }

  /** Foreign code may deallocate all from now on, so no statement may rely on being prepared, until the session is set back. */
  pause(): void {
    this.#mayRely = false
  }

  #clear(): void {
    this.#names.clear()
    this.#earlier.clear()
    this.#now.clear()
    this.#once.length = 0
  }

  #newName(): string {
    this.#count += 1
    return `dasy_${OWN}_${this.#count}`
  }
}
