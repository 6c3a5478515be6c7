import { OWN_SCHEMA } from '../base/own-schema.js'
import { sqlState } from '../db/failures.js'
import { preferLookUps, withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, list, number, part, query, sql, statement } from '../db/sql.js'
import { type ChangeSet, changesTable } from './change-set.js'
import { at, type Kept, keptColumns, now, sameKey } from './kept-columns.js'
import { Misfits } from './misfits.js'
import type { Relation } from './relation.js'
import {
  type Conflict,
  countInverse,
  type InverseCounts,
  type InverseOptions,
  type RefusedChange,
  type TakingBack,
} from './taking-back.js'
import { type StoredColumn, textOf, typedValue } from './value-text.js'

/** A condition: the table takes the values that are restored. */
const FITS = sql`coalesce(m.kind = 'left', true)`

/**
 * What takes back a change set, compared with its table: a table in the schema dasy, in the form of classified records. place
 * is the row, op what happens to it, conflict what stands against it, change the row of the set, and v1, v2, … the values of
 * `columns`. An update gives the columns that it does not restore the value that they have.
 */
export class Inverse implements TakingBack {
  readonly table: Fragment
  readonly key: readonly StoredColumn[]
  /** The key's, then the others that are still there. */
  readonly columns: readonly StoredColumn[]
  readonly dropped: readonly string[]
  readonly #session: Session
  readonly #set: ChangeSet
  readonly #target: Fragment
  readonly #key: readonly Kept[]
  readonly #others: readonly Kept[]
  readonly #misfits: Misfits
  #options: InverseOptions = {}

  /** @param run that takes it back */
  constructor(session: Session, run: number, set: ChangeSet, relation: Relation) {
    const { key, others, dropped } = keptColumns(set, relation)
    this.#session = session
    this.#set = set
    this.#target = relation.target
    this.#key = key
    this.#others = others
    this.key = key.map(({ column }) => column)
    this.columns = [...key, ...others].map(({ column }) => column)
    this.dropped = dropped
    this.table = ident(OWN_SCHEMA, `inverse_${run}`)
    this.#misfits = new Misfits(session, set, ident(OWN_SCHEMA, `misfits_${run}`))
  }

  get countable(): string[] {
    return this.columns.map(({ name }) => name)
  }

  async make(options: InverseOptions = {}): Promise<InverseCounts> {
    this.#options = options
    const session = this.#session
    const retyped = (columns: readonly Kept[]) => columns.filter((each) => each.retyped)
    const [key, others] = [retyped(this.#key), retyped(this.#others)]
    await this.#misfits.make(options.refused ?? [])
    if (key.length + others.length > 0) await this.#misfits.find(key, others)
    try {
      await session.savepoint(() => this.#make())
    } catch (error) {
      // Most likely a domain that has another check by now.
      if (key.length + others.length === this.columns.length || !/^2[23]/.test(sqlState(error) ?? ''))
        throw error
      await this.#misfits.find(this.#key, this.#others)
      await this.#make()
    }
    if (this.#mayHaveNulls) await this.#pairNulls()
    return await countInverse(session, this.table, this.#movements(options.counted ?? []))
  }

  /** The first conflicts, in the order of the set. */
  async conflicts(limit: number): Promise<Conflict[]> {
    const parts = {
      inverse: this.table,
      changes: changesTable(this.#set),
      misfits: this.#misfits.table,
      run: number(this.#set.run),
    }
    return await this.#session.rows<Conflict>(statement('history/list_conflicts', parts), [limit])
  }

  /** The changes of refused rows, by their positions: to be given to the next attempt. */
  async refused(rows: readonly { position: string; reason: string }[]): Promise<RefusedChange[]> {
    const parts = { inverse: this.table, changes: changesTable(this.#set) }
    const values = [rows.map(({ position }) => position), rows.map(({ reason }) => reason)]
    return await this.#session.rows<RefusedChange>(statement('history/list_refused', parts), values)
  }

  /** Leaves the rows of conflicts as they are. */
  async skipConflicts(): Promise<void> {
    await this.#session.run(query`DELETE FROM ${this.table} WHERE conflict IS NOT NULL`)
  }

  async drop(): Promise<void> {
    await this.#session.run(query`DROP TABLE ${this.table}, ${this.#misfits.table}`)
  }

  value(index: number): Fragment {
    return ident(`v${index + 1}`)
  }

  async #make(): Promise<void> {
    const columns = this.#key.map(({ column }) => column.name)
    await withoutLoops(this.#session, async () => {
      const looksUp =
        this.#options.looksUp === true &&
        !this.#mayHaveNulls &&
        (await preferLookUps(this.#session, this.#inverse(true), { by: 'key', columns }))
      await this.#session.run(this.#inverse(looksUp))
    })
  }

  #inverse(looksUp: boolean): string {
    const { counted = [], isOrdered = false } = this.#options
    const key = sameKey(this.#key, FITS)
    const same = this.#mayHaveNulls ? sql`${key} AND ${this.#identified}` : key
    const target = this.#target
    return statement('history/make_inverse', {
      inverse: this.table,
      changes: changesTable(this.#set),
      misfits: this.#misfits.table,
      target_row: looksUp
        ? part('history/target_looked_up', { target, same_key: same })
        : sql`${target} AS t ON ${same}`,
      run: number(this.#set.run),
      position: isOrdered
        ? sql`row_number() OVER (ORDER BY c.op = 'd', c.position DESC NULLS LAST, c.key)`
        : sql`-c.position`,
      // Keys that are equal for their type may be written in different ways.
      differs: any([
        ...this.#key.map((each) => this.#isOther(each, 'key')),
        ...this.#others.map((each) => this.#isOther(each)),
      ]),
      changed: any(this.#others.map((each) => sql`(${isChanged(each)} AND ${this.#isOther(each)})`)),
      restores: this.dropped.length === 0 ? sql`true` : any(this.#others.map(isChanged)),
      values: list([
        ...this.#key.map((each, at) => sql`${this.#keyValue(each)} AS ${this.value(at)}`),
        ...this.#others.map((each, at) => sql`${restored(each)} AS ${this.value(this.#key.length + at)}`),
        ...counted.map((name, index) => sql`t.${ident(name)} AS ${ident(`o${index + 1}`)}`),
      ]),
    })
  }

  /** Whether its key may contain a NULL: then equal keys can be those of several rows. */
  get #mayHaveNulls(): boolean {
    return !this.#key.every(({ column }) => column.required)
  }

  /** A condition: the row is the one of the change, if its key has a NULL: one like the inserted row, and none for a deleted one. */
  get #identified(): Fragment {
    const isSame = sql`NOT ${any(this.#others.map((each) => this.#isOther(each)))}`
    return sql`(array_position(c.key, NULL) IS NULL OR c.op = 'u' OR (c.op = 'i' AND ${isSame}))`
  }

  /** Of rows that are alike in everything, one is deleted for each that was inserted. */
  async #pairNulls(): Promise<void> {
    const parts = { inverse: this.table, changes: changesTable(this.#set) }
    await this.#session.run(statement('history/pair_nulls', parts))
  }

  #movements(counted: readonly string[]): Fragment[] {
    return counted.map((name, index) => {
      const column = this.columns.findIndex((each) => each.name === name)
      return sql`pg_catalog.record_image_ne(ROW(${this.value(column)}), ROW(${ident(`o${index + 1}`)}))`
    })
  }

  /** A condition: the row has another value than the run left. After a change of the type 5 and 5.00 are the same. */
  #isOther({ column, index, retyped }: Kept, side: 'key' | 'new' = 'new'): Fragment {
    const [current, left] = [textOf(column, now(column)), at(side, index)]
    if (!retyped) return sql`${current} IS DISTINCT FROM ${left}`
    const converted = textOf(column, typedValue(column, left))
    return sql`CASE WHEN ${current} IS NOT DISTINCT FROM ${left} THEN false
            WHEN m.change IS NULL THEN ${current} IS DISTINCT FROM ${converted} ELSE true END`
  }

  #keyValue({ column, index }: Kept): Fragment {
    return sql`CASE WHEN ${FITS} AND c.op = 'd' THEN ${typedValue(column, at('key', index))} ELSE ${now(column)} END`
  }
}

function isChanged({ index }: Kept): Fragment {
  return sql`(${at('old', index)} IS NOT NULL OR ${at('new', index)} IS NOT NULL)`
}

/** The value of a column that is put back, or stays as it is; NULL for a row that is deleted. */
function restored(kept: Kept): Fragment {
  const { column, index } = kept
  const old = typedValue(column, at('old', index))
  return sql`CASE WHEN NOT ${FITS} THEN NULL WHEN c.op = 'd' THEN ${old}
            WHEN c.op = 'u' THEN CASE WHEN ${isChanged(kept)} THEN ${old} ELSE ${now(column)} END END`
}

function any(conditions: readonly Fragment[]): Fragment {
  return conditions.length === 0 ? sql`false` : sql`(${list(conditions, ' OR ')})`
}
