import { OWN_SCHEMA } from '../base/own-schema.js'
import { withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, list, number, query, sql, statement } from '../db/sql.js'
import { type ChangeSet, changesTable, writersOf } from './change-set.js'
import { type Kept, keptColumns, now, sameKey } from './kept-columns.js'
import type { Relation } from './relation.js'
import {
  type Conflict,
  countInverse,
  type InverseCounts,
  type InverseOptions,
  type TakingBack,
} from './taking-back.js'
import { type StoredColumn, textOf } from './value-text.js'

/**
 * What takes back a first load, of which no copy is kept: a table like that of Inverse, with only deletes. Its rows are those that
 * its transactions wrote, and those whose first later change replaced a version of one of these.
 */
export class FirstLoadInverse implements TakingBack {
  readonly table: Fragment
  /** The columns of the key, which have values. */
  readonly key: readonly StoredColumn[]
  readonly columns: readonly StoredColumn[]
  readonly countable: readonly string[]
  /** The names of columns that were dropped since. */
  readonly dropped: readonly string[]
  #counted: readonly string[] = []
  readonly #session: Session
  readonly #set: ChangeSet
  readonly #later: readonly ChangeSet[]
  /** The transactions of later first loads: the table had no rows by then. */
  readonly #firstLoads: readonly number[]
  readonly #relation: Relation
  readonly #key: readonly Kept[]
  readonly #others: readonly Kept[]
  readonly #laterTable: Fragment

  /**
   * @param run that takes it back
   * @param sets of the table, as `setsOf` returns them
   */
  constructor(session: Session, run: number, set: ChangeSet, sets: readonly ChangeSet[], relation: Relation) {
    const { key, others, dropped } = keptColumns(set, relation)
    this.#session = session
    this.#set = set
    const later = sets.filter((each) => each.run > set.run)
    this.#later = later.filter(({ kind }) => kind === 'shared' || kind === 'own')
    this.#firstLoads = later.flatMap(({ kind, writers }) => (kind === 'first_load' ? writers : []))
    this.#relation = relation
    this.#key = key
    this.#others = others
    this.key = key.map(({ column }) => column)
    this.columns = this.key
    this.countable = relation.columns.map(({ name }) => name)
    this.dropped = dropped
    this.table = ident(OWN_SCHEMA, `inverse_${run}`)
    this.#laterTable = ident(OWN_SCHEMA, `later_${run}`)
  }

  /** Makes the table, within `withTextSettings` in the transaction that applies it, under the lock of the user's table. */
  async make({ counted = [] }: Pick<InverseOptions, 'counted'> = {}): Promise<InverseCounts> {
    this.#counted = counted
    const session = this.#session
    await session.run(statement('history/create_later', { later: this.#laterTable }))
    for (const set of this.#later) await this.#fillLater(set)
    await withoutLoops(session, () => session.run(this.#inverse()))
    const row = await session.row<{ keys: number }>(
      statement('history/count_later', { later: this.#laterTable }),
      [this.#set.writers.map(String)],
    )
    await session.run(query`DROP TABLE ${this.#laterTable}`)
    // Nothing is updated.
    const counts = await countInverse(
      session,
      this.table,
      this.#counted.map(() => sql`false`),
    )
    return await this.#accounted(counts, row?.keys ?? 0)
  }

  /** The first conflicts that can be named. */
  async conflicts(limit: number): Promise<Conflict[]> {
    const text = query`
      SELECT key, conflict AS kind, NULL AS op, NULL AS old, NULL AS new, NULL AS reason
        FROM ${this.table}
       WHERE conflict IS NOT NULL
       ORDER BY key
       LIMIT $1`
    return await this.#session.rows<Conflict>(text, [limit])
  }

  async skipConflicts(): Promise<void> {
    await this.#session.run(query`DELETE FROM ${this.table} WHERE conflict IS NOT NULL`)
  }

  async drop(): Promise<void> {
    await this.#session.run(query`DROP TABLE ${this.table}`)
  }

  /**
   * Rows that are neither there as they were loaded nor replaced by a run: somebody has updated or deleted them. If others have
   * no row in the table, they are deleted.
   * @param replaced how many rows later runs have replaced
   */
  async #accounted(counts: InverseCounts, replaced: number): Promise<InverseCounts> {
    const { inserted, writers } = this.#set
    const text = query`SELECT count(*) AS rows, count(*) FILTER (WHERE xmin::text = ANY ($1)) AS own FROM ${this.#relation.target}`
    const row = await this.#session.row<{ rows: number; own: number }>(text, [writers.map(String)])
    const { rows, own } = row as { rows: number; own: number }
    const known = counts.deletes + counts.conflicts
    const lost = Math.max(0, inserted - own - replaced)
    return { ...counts, unaccounted: Math.min(lost, rows - known) }
  }

  /** The changes of a later set, in the order of the columns of the first load. */
  async #fillLater(set: ChangeSet): Promise<void> {
    const { key, others } = keptColumns(set, this.#relation)
    const brought = [...key, ...others]
    const values = (side: 'old' | 'new'): Fragment =>
      sql`ARRAY[${list(
        this.#others.map(({ column }) => {
          const found = brought.find((each) => each.column === column)
          return found ? sql`c.${ident(side)}[${number(found.index + 1)}]` : sql`NULL`
        }),
      )}]::text[]`
    const parts = {
      later: this.#laterTable,
      changes: changesTable(set),
      old: values('old'),
      new: values('new'),
    }
    await this.#session.run(statement('history/fill_later', parts), [[set.run]])
  }

  #inverse(): string {
    const others = this.#others.map(({ column }, index) => ({ column, place: number(index + 1) }))
    const first = (place: Fragment) =>
      sql`FILTER (WHERE op = 'd' OR old[${place}] IS NOT NULL OR new[${place}] IS NOT NULL)`
    const values = [
      ...this.#key.map(({ column }, index) => sql`${now(column)} AS ${ident(`v${index + 1}`)}`),
      ...this.#counted.map((name, index) => sql`t.${ident(name)} AS ${ident(`o${index + 1}`)}`),
    ]
    const same = others.map(
      ({ column }, index) =>
        sql`(c.${ident(`n${index}`)} = 0 OR ${textOf(column, now(column))} IS NOT DISTINCT FROM c.${ident(`i${index}`)}[1])`,
    )
    return statement('history/make_first_load_inverse', {
      inverse: this.table,
      later: this.#laterTable,
      target: this.#relation.target,
      xids: writersOf(this.#set),
      values: list(values),
      initial: list([
        sql`count(*) AS changes`,
        ...others.flatMap(({ place }, index) => [
          sql`count(*) ${first(place)} AS ${ident(`n${index}`)}`,
          sql`array_agg(old[${place}] ORDER BY run) ${first(place)} AS ${ident(`i${index}`)}`,
        ]),
      ]),
      as_inserted: same.length > 0 ? list(same, ' AND ') : sql`true`,
      same_key: sameKey(this.#key),
      first_loads: sql`ARRAY[${list(this.#firstLoads.map(number))}]::bigint[]`,
    })
  }
}
