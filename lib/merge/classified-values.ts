import type { Aggregate } from '../aggregate/aggregate.js'
import type { Target } from '../catalog/target.js'
import { type Fragment, fromCatalog, ident, list, sql } from '../db/sql.js'
import { type Column, storedAs } from '../mapping/columns.js'
import { MOST_COLUMNS } from '../mapping/limits.js'
import { oldName, rowName, valueName } from './classified.js'
import type { MergeContext } from './strategy.js'
import { isPlain, wholeRow } from './target-row.js'

/** The column with the texts of all columns that do not fit into the table of classified records. */
const REST = ident('rest')

/** Its columns besides values and the aggregates' old values: position, place, found_in, op, rest, was and before. */
const OTHER_COLUMNS = 7

/** The values of a table of classified records, as they are selected from a staged record `s` and a row `t` of the user's table. */
export class ClassifiedValues {
  readonly #columns: readonly Column[]
  readonly #target: Target
  readonly #aggregates: readonly Aggregate[]
  /** The number of columns with a column of their own in that table; the others share `rest`. */
  readonly #listed: number
  /** Whether history will store what the row is now, so that it is kept from the one pass over the table. */
  readonly hasRow: boolean

  constructor(
    { mapping, keepsHistory, settings }: MergeContext,
    target: Target,
    aggregates: readonly Aggregate[],
  ) {
    const { columns } = mapping
    const { onConflict, sync } = settings.policy
    this.#columns = columns
    this.#target = target
    this.#aggregates = aggregates
    this.#listed = MOST_COLUMNS - OTHER_COLUMNS - aggregates.length
    this.hasRow =
      keepsHistory &&
      onConflict === 'update' &&
      sync === undefined &&
      isPlain(target) &&
      target.actors.length === 0 &&
      2 * columns.length <= this.#listed &&
      columns.every((column) => has(target, column))
  }

  /** Whether each has a column of its own. */
  get areListed(): boolean {
    return this.#columns.length <= this.#listed
  }

  /** The value of a column, by its index in the mapping. @param from a prefix: the alias and a dot, or nothing */
  valueOf(index: number, from: Fragment): Fragment {
    if (index < this.#listed) return sql`${from}${valueName(index)}`
    const column = this.#columns[index] as Column
    const raw = sql`${from}${REST}[${fromCatalog(`${index - this.#listed + 1}`)}]`
    return storedAs({ ...column, raw }, column.stored).value
  }

  /** v1, v2, … and rest. @param isDeleted a condition: the row is deleted, and has its own values */
  ofRecord(isDeleted?: Fragment): Fragment[] {
    const either = (now: Fragment, value: Fragment): Fragment =>
      isDeleted ? sql`CASE WHEN ${isDeleted} THEN ${now} ELSE ${value} END` : value
    const values = this.#columns
      .slice(0, this.#listed)
      .map((column, index) => sql`${either(now(column, this.#target), column.value)} AS ${valueName(index)}`)
    const rest = this.#columns
      .slice(this.#listed)
      .map((column) => either(sql`CAST(${now(column, this.#target)} AS text)`, column.raw))
    return rest.length > 0 ? [...values, sql`ARRAY[${list(rest)}]::text[] AS ${REST}`] : values
  }

  /** was and w1, w2, …, or o1, o2, …, and before: what the row of the table has now. */
  ofRow(): Fragment[] {
    const row = this.#columns.map(({ target }, index) => sql`t.${ident(target)} AS ${rowName(index)}`)
    if (this.hasRow) return [sql`t.xmin AS was`, ...row]
    const old = this.#aggregates.map(({ column }, index) => sql`t.${ident(column)} AS ${oldName(index)}`)
    return this.#target.acts ? [...old, sql`${wholeRow(this.#target)} AS before`] : old
  }

  /** A condition: a column of the row other than the key has another value than the record. */
  differ(): Fragment {
    const rest = this.#columns.filter((column) => !column.key)
    if (rest.length === 0) return sql`false`
    return sql`(${list(
      rest.map((column) =>
        column.stored.comparable
          ? sql`${now(column, this.#target)} IS DISTINCT FROM ${column.value}`
          : sql`CAST(${now(column, this.#target)} AS text) IS DISTINCT FROM CAST(${column.value} AS text)`,
      ),
      ' OR ',
    )})`
  }
}

/** The value of a column in the row `t`. (A plan compares with a table that does not have the columns yet that the load adds.) */
function now(column: Column, target: Target): Fragment {
  return has(target, column) ? sql`t.${ident(column.target)}` : sql`NULL`
}

function has({ columns }: Target, { target }: Column): boolean {
  return columns.some(({ name }) => name === target)
}
