import { OWN_SCHEMA } from '../base/own-schema.js'
import { sqlState } from '../db/failures.js'
import { withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, list, literal, number, query, sql, statement } from '../db/sql.js'
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

export interface Conflict {
  readonly key: readonly (string | null)[]
  readonly kind: ConflictKind
}

export interface InverseCounts {
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
  readonly conflicts: number
}

/**
 * What takes back a change set, compared with its table: a table in the schema dasy, in the form of classified records. place
 * is the row, op what happens to it, conflict what stands against it, and v1, v2, … the values of `columns`. An update gives the
 * columns that it does not restore the value that they have.
 */
export class Inverse {
  readonly table: Fragment
  /** The columns of the key, then the others that are still there. */
  readonly columns: readonly StoredColumn[]
  /** The names of columns that were dropped since. */
  readonly dropped: readonly string[]
  readonly #session: Session
  readonly #set: ChangeSet
  readonly #target: Fragment
  readonly #key: readonly Kept[]
  readonly #others: readonly Kept[]
  readonly #misfits: Fragment

  /** @param run that takes it back */
  constructor(session: Session, run: number, set: ChangeSet, relation: Relation) {
    const { key, others, dropped } = keptColumns(set, relation)
    this.#session = session
    this.#set = set
    this.#target = relation.target
    this.#key = key
    this.#others = others
    this.columns = [...key, ...others].map(({ column }) => column)
    this.dropped = dropped
    this.table = ident(OWN_SCHEMA, `inverse_${run}`)
    this.#misfits = ident(OWN_SCHEMA, `misfits_${run}`)
  }

  /** Makes the table, within `withTextSettings` in the transaction that applies it, under the lock of the user's table. */
  async make(): Promise<InverseCounts> {
    const session = this.#session
    await session.run(query`CREATE UNLOGGED TABLE ${this.#misfits} (change tid NOT NULL)`)
    const retyped = this.#others.filter((each) => each.retyped)
    if (retyped.length > 0) await this.#findMisfits(retyped)
    try {
      await session.savepoint(() => this.#make())
    } catch (error) {
      // Most likely a domain that has another check by now.
      if (retyped.length === this.#others.length || !/^2[23]/.test(sqlState(error) ?? '')) throw error
      await session.run(query`DELETE FROM ${this.#misfits}`)
      await this.#findMisfits(this.#others)
      await this.#make()
    }
    await session.run(query`DROP TABLE ${this.#misfits}`)
    const counts = await session.row<InverseCounts>(
      statement('history/count_inverse', { inverse: this.table }),
    )
    return counts as InverseCounts
  }

  /** The first conflicts, in the order of the set. */
  async conflicts(limit: number): Promise<Conflict[]> {
    return await listConflicts(this.#session, this.table, limit)
  }

  /** Leaves the rows of conflicts as they are. */
  async skipConflicts(): Promise<void> {
    await this.#session.run(query`DELETE FROM ${this.table} WHERE conflict IS NOT NULL`)
  }

  async drop(): Promise<void> {
    await this.#session.run(query`DROP TABLE ${this.table}`)
  }

  value(index: number): Fragment {
    return ident(`v${index + 1}`)
  }

  async #make(): Promise<void> {
    const run = number(this.#set.run)
    const text = statement('history/make_inverse', {
      inverse: this.table,
      changes: changesTable(this.#set),
      misfits: this.#misfits,
      target: this.#target,
      run,
      same_key: sameKey(this.#key),
      differs: any(this.#others.map((each) => this.#isOther(each))),
      changed: any(this.#others.map((each) => sql`(${isChanged(each)} AND ${this.#isOther(each)})`)),
      values: list([
        ...this.#key.map((each, at) => sql`${this.#keyValue(each)} AS ${this.value(at)}`),
        ...this.#others.map((each, at) => sql`${restored(each)} AS ${this.value(this.#key.length + at)}`),
      ]),
    })
    await withoutLoops(this.#session, () => this.#session.run(text))
  }

  #isOther({ column, index }: Kept): Fragment {
    return sql`${textOf(column, now(column))} IS DISTINCT FROM ${at('new', index)}`
  }

  #keyValue({ column, index }: Kept): Fragment {
    return sql`CASE WHEN c.op = 'd' THEN ${typedValue(column, at('key', index))} ELSE ${now(column)} END`
  }

  async #findMisfits(kept: readonly Kept[]): Promise<void> {
    const body = statement('history/find_misfits', {
      changes: changesTable(this.#set),
      run: number(this.#set.run),
      misfits: this.#misfits,
      assignments: list(kept.map(assignment), '\n'),
    })
    await this.#session.run(query`DO ${literal(body)}`)
  }
}

/** A block that fails if the column does not take the old value. */
function assignment({ column, index }: Kept): Fragment {
  const old = sql`changed.old[${number(index + 1)}]`
  const [type, content] = column.composite
    ? [sql`text`, sql`CAST(${typedValue(column, old)} AS text)`]
    : [fromCatalog(column.type), old]
  return sql`IF ${old} IS NOT NULL THEN DECLARE fitting ${type} := ${content}; BEGIN END; END IF;`
}

function isChanged({ index }: Kept): Fragment {
  return sql`(${at('old', index)} IS NOT NULL OR ${at('new', index)} IS NOT NULL)`
}

/** The value of a column that is put back, or stays as it is; NULL for a row that is deleted. */
function restored(kept: Kept): Fragment {
  const { column, index } = kept
  const old = typedValue(column, at('old', index))
  return sql`CASE WHEN m.change IS NOT NULL THEN NULL WHEN c.op = 'd' THEN ${old}
            WHEN c.op = 'u' THEN CASE WHEN ${isChanged(kept)} THEN ${old} ELSE ${now(column)} END END`
}

function any(conditions: readonly Fragment[]): Fragment {
  return conditions.length === 0 ? sql`false` : sql`(${list(conditions, ' OR ')})`
}

/** @param inverse the table of an inverse */
export async function listConflicts(session: Session, inverse: Fragment, limit: number): Promise<Conflict[]> {
  return await session.rows<Conflict>(
    query`SELECT key, conflict AS kind FROM ${inverse} WHERE conflict IS NOT NULL ORDER BY position, key LIMIT $1`,
    [limit],
  )
}
