import { OWN_SCHEMA } from '../base/own-schema.js'
import { sqlState } from '../db/failures.js'
import { preferLookUps, withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import {
  type Fragment,
  fromCatalog,
  ident,
  list,
  literal,
  number,
  part,
  query,
  sql,
  statement,
} from '../db/sql.js'
import { type ChangeSet, changesTable } from './change-set.js'
import { at, type Kept, keptColumns, now, sameKey } from './kept-columns.js'
import type { Relation } from './relation.js'
import { type StoredColumn, textOf, typedValue } from './value-text.js'

/** Why a change cannot be taken back. */
export type ConflictKind =
  /** The row that was updated is not there any more. */
  | 'gone'
  /** One of the columns that were updated has another value by now. */
  | 'changed'
  /** The inserted row is not as it was inserted. */
  | 'differs'
  /** A row with the key of the deleted one is there again. */
  | 'there'
  /** A column has another type by now, which does not take the old value. */
  | 'misfit'
  /** The table refuses the restored row. */
  | 'refused'

export interface Conflict {
  readonly key: readonly (string | null)[]
  readonly kind: ConflictKind
  /** The change that cannot be taken back; null for a first load, of which no copy is kept. */
  readonly op: 'i' | 'u' | 'd' | null
  readonly old: readonly (string | null)[] | null
  readonly new: readonly (string | null)[] | null
  /** The words of PostgreSQL, of a misfit and of a refused row. */
  readonly reason: string | null
}

export interface InverseCounts {
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
  readonly conflicts: number
  /**
   * Of a first load: rows that somebody else may have changed. Nothing tells which, so they are not among the conflicts.
   */
  readonly unaccounted: number
  /** For each counted column, whether an update changes its value. */
  readonly moved: readonly boolean[]
}

/** A change whose restored row the table has refused: by the text of its key as an array. */
export interface RefusedChange {
  readonly key: string
  readonly reason: string
}

export interface InverseOptions {
  /** The columns whose values of now are o1, o2, … */
  readonly counted?: readonly string[]
  /** Whether positions are unique, for writing row by row: the opposite order of the run's. */
  readonly isOrdered?: boolean
  readonly refused?: readonly RefusedChange[]
  /** Whether to look up the keys one by one, if an index can find them. */
  readonly looksUp?: boolean
}

/** What takes back a run: a table in the schema dasy, in the form of classified records, without what needs nothing. */
export interface TakingBack {
  readonly table: Fragment
  readonly key: readonly StoredColumn[]
  /** The columns that have values v1, v2, … */
  readonly columns: readonly StoredColumn[]
  /** The names of columns whose values are known before and after. */
  readonly countable: readonly string[]
  /** The names of columns that were dropped since. */
  readonly dropped: readonly string[]
  /** Makes the table, within `withTextSettings` in the transaction that applies it, under the lock of the user's table. */
  make(options: InverseOptions): Promise<InverseCounts>
  /** The first conflicts that can be named. */
  conflicts(limit: number): Promise<Conflict[]>
  /** Leaves the rows of conflicts as they are. */
  skipConflicts(): Promise<void>
  drop(): Promise<void>
}

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
  readonly #misfits: Fragment
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
    this.#misfits = ident(OWN_SCHEMA, `misfits_${run}`)
  }

  get countable(): string[] {
    return this.columns.map(({ name }) => name)
  }

  async make(options: InverseOptions = {}): Promise<InverseCounts> {
    this.#options = options
    const session = this.#session
    const misfits = this.#misfits
    await session.run(
      query`CREATE UNLOGGED TABLE ${misfits} (change tid NOT NULL, kind text NOT NULL, reason text)`,
    )
    await this.#noteRefused()
    const kept = [...this.#key, ...this.#others]
    const retyped = kept.filter((each) => each.retyped)
    if (retyped.length > 0) await this.#findMisfits(retyped)
    try {
      await session.savepoint(() => this.#make())
    } catch (error) {
      // Most likely a domain that has another check by now.
      if (retyped.length === kept.length || !/^2[23]/.test(sqlState(error) ?? '')) throw error
      await session.run(query`DELETE FROM ${misfits} WHERE kind <> 'refused'`)
      await this.#findMisfits(kept)
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
      misfits: this.#misfits,
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
    await this.#session.run(query`DROP TABLE ${this.table}, ${this.#misfits}`)
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
      misfits: this.#misfits,
      target_row: looksUp
        ? part('history/target_looked_up', { target, same_key: same })
        : sql`${target} AS t ON ${same}`,
      run: number(this.#set.run),
      position: isOrdered
        ? sql`row_number() OVER (ORDER BY c.op = 'd', c.position DESC NULLS LAST, c.key)`
        : sql`-c.position`,
      differs: any(this.#others.map((each) => this.#isOther(each))),
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
  #isOther({ column, index, retyped }: Kept): Fragment {
    const [current, left] = [textOf(column, now(column)), at('new', index)]
    if (!retyped) return sql`${current} IS DISTINCT FROM ${left}`
    const converted = textOf(column, typedValue(column, left))
    return sql`CASE WHEN ${current} IS NOT DISTINCT FROM ${left} THEN false
            WHEN m.change IS NULL THEN ${current} IS DISTINCT FROM ${converted} ELSE true END`
  }

  #keyValue({ column, index }: Kept): Fragment {
    return sql`CASE WHEN ${FITS} AND c.op = 'd' THEN ${typedValue(column, at('key', index))} ELSE ${now(column)} END`
  }

  async #findMisfits(kept: readonly Kept[]): Promise<void> {
    const body = statement('history/find_misfits', {
      changes: changesTable(this.#set),
      run: number(this.#set.run),
      misfits: this.#misfits,
      restored: list(
        kept.map((each) => assignment(each, this.#key.includes(each) ? 'key' : 'old')),
        '\n',
      ),
      left: list(
        kept.flatMap((each) => (this.#key.includes(each) ? [] : [assignment(each, 'new')])),
        '\n',
      ),
    })
    await this.#session.run(query`DO ${literal(body)}`)
  }

  async #noteRefused(): Promise<void> {
    const { refused = [] } = this.#options
    if (refused.length === 0) return
    const parts = {
      misfits: this.#misfits,
      changes: changesTable(this.#set),
      run: number(this.#set.run),
    }
    const values = [refused.map(({ key }) => key), refused.map(({ reason }) => reason)]
    await this.#session.run(statement('history/note_refused', parts), values)
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

/** @param moved for each counted column, whether a row changes its value */
export async function countInverse(
  session: Session,
  inverse: Fragment,
  moved: readonly Fragment[],
): Promise<InverseCounts> {
  const some = moved.map((each) => sql`coalesce(bool_or(conflict IS NULL AND op = 'u' AND ${each}), false)`)
  const parts = { inverse, moved: list(some) }
  return (await session.row<InverseCounts>(statement('history/count_inverse', parts))) as InverseCounts
}
