import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, list, literal, number, query, sql, statement } from '../db/sql.js'
import { type ChangeSet, changesTable } from './change-set.js'
import type { Kept } from './kept-columns.js'
import type { RefusedChange } from './taking-back.js'
import { typedValue } from './value-text.js'

/**
 * The changes of a set that cannot be taken back whatever the rows are, in a table `m`: kind is misfit (a column does not take the
 * old value any more), refused (the table has refused the row in an earlier attempt) or left (only the value that the run left
 * does not fit, so the row has another one by now).
 */
export class Misfits {
  readonly table: Fragment
  readonly #session: Session
  readonly #set: ChangeSet

  constructor(session: Session, set: ChangeSet, table: Fragment) {
    this.#session = session
    this.#set = set
    this.table = table
  }

  async make(refused: readonly RefusedChange[]): Promise<void> {
    const text = query`CREATE TABLE ${this.table} (change tid NOT NULL, kind text NOT NULL, reason text)`
    await this.#session.run(text)
    if (refused.length === 0) return
    const values = [refused.map(({ key }) => key), refused.map(({ reason }) => reason)]
    await this.#session.run(statement('history/note_refused', this.#parts), values)
  }

  /** Finds the changes whose values these columns do not take. */
  async find(key: readonly Kept[], others: readonly Kept[]): Promise<void> {
    await this.#session.run(query`DELETE FROM ${this.table} WHERE kind <> 'refused'`)
    const restored = [
      ...key.map((each) => assignment(each, 'key')),
      ...others.map((each) => assignment(each, 'old')),
    ]
    const body = statement('history/find_misfits', {
      ...this.#parts,
      restored: list(restored, '\n'),
      left: list(
        others.map((each) => assignment(each, 'new')),
        '\n',
      ),
    })
    await this.#session.run(query`DO ${literal(body)}`)
  }

  get #parts() {
    return { misfits: this.table, changes: changesTable(this.#set), run: number(this.#set.run) }
  }
}

/** A block that fails if the column does not take the value. */
function assignment({ column, index }: Kept, side: 'key' | 'old' | 'new'): Fragment {
  const stored = sql`changed.${ident(side)}[${number(index + 1)}]`
  const [type, content] = column.composite
    ? [sql`text`, sql`CAST(${typedValue(column, stored)} AS text)`]
    : [fromCatalog(column.type), stored]
  return sql`IF ${stored} IS NOT NULL THEN DECLARE fitting ${type} := ${content}; BEGIN END; END IF;`
}
