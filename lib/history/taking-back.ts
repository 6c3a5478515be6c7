import type { Session } from '../db/session.js'
import { type Fragment, list, sql, statement } from '../db/sql.js'
import type { StoredColumn } from './value-text.js'

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
