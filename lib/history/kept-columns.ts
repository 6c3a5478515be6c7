import { type Fragment, ident, list, number, sql } from '../db/sql.js'
import type { ChangeSet } from './change-set.js'
import { columnsNow, type Relation } from './relation.js'
import { hashOf, type StoredColumn, typedValue } from './value-text.js'

/** A column of the set that is still there: its place in the rows of the set. */
export interface Kept {
  readonly column: StoredColumn
  readonly index: number
  /** Whether its type is another one by now. */
  readonly retyped: boolean
}

/** The columns of a set that are still there, and the names of those that are not. */
export function keptColumns(
  set: ChangeSet,
  relation: Relation,
): { readonly key: readonly Kept[]; readonly others: readonly Kept[]; readonly dropped: readonly string[] } {
  const found = columnsNow(set, relation.columns)
  const types = [...set.key_types, ...set.types]
  const kept = found.map((column, place) => {
    const index = place < set.key.length ? place : place - set.key.length
    return column && { column, index, retyped: column.type !== types[place] }
  })
  const isThere = (each: Kept | undefined): each is Kept => each !== undefined
  return {
    key: kept.slice(0, set.key.length).filter(isThere),
    others: kept.slice(set.key.length).filter(isThere),
    dropped: [...set.key, ...set.columns].filter((_, place) => found[place] === undefined),
  }
}

/**
 * A condition: a row `t` of the table has the key of the stored change `c`. By their values, so that an index or a hash can find
 * the row. A key that may hold NULL is joined by its hash, because no hash join compares NULLs.
 * @param fits a condition: the columns of the key take the stored text, although they have other types by now
 */
export function sameKey(key: readonly Kept[], fits = sql`true`): Fragment {
  const values = key.map(({ column, index, retyped }) => {
    const value = typedValue(column, at('key', index))
    return retyped ? sql`CASE WHEN ${fits} THEN ${value} END` : value
  })
  const rows = key.map(({ column }) => now(column))
  const isRetyped = key.some((each) => each.retyped)
  if (isRetyped || key.every(({ column }) => column.required))
    return list(
      rows.map((row, index) => sql`${row} = ${values[index] as Fragment}`),
      ' AND ',
    )
  const columns = key.map(({ column }) => column)
  const same = rows.map((row, index) => sql`${row} IS NOT DISTINCT FROM ${values[index] as Fragment}`)
  return sql`${hashOf(columns, rows)} = c.hash AND ${list(same, ' AND ')}`
}

/** A value of the stored change `c`, as text. */
export function at(side: 'key' | 'old' | 'new', index: number): Fragment {
  return sql`c.${ident(side)}[${number(index + 1)}]`
}

/** A value of the row `t`. */
export function now({ name }: StoredColumn): Fragment {
  return sql`t.${ident(name)}`
}
