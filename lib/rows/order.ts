import { badOption } from '../contract/values.js'
import { type Fragment, ident, list, sql } from '../db/sql.js'
import { textOf } from '../history/value-text.js'
import { type Comparison, comparedColumn, operatorOf } from './filters.js'
import type { Parameters } from './parameters.js'
import { columnOf, type RowColumn, type RowTable } from './row-table.js'

/** SQL: where a row is. */
const PLACE = [sql`t.tableoid`, sql`t.ctid`] as const

/**
 * The order of rows, which always ends in the key, and the condition for those behind a cursor. NULL comes last, and first in a
 * descending column, as in PostgreSQL, so that indexes serve both directions.
 */
export class RowOrder {
  readonly #parts: readonly Part[]
  /** Whether rows without a key are told apart by their places: keys that have NULLs may be equal. */
  readonly #byPlace: boolean

  private constructor(parts: readonly Part[], byPlace: boolean) {
    this.#parts = parts
    this.#byPlace = byPlace
  }

  /**
   * @param sort names of columns with commas between them, those that are sorted descending with a minus
   * @throws DasyError COLUMN_NOT_FOUND, BAD_OPTION
   */
  static of(table: RowTable, sort = ''): RowOrder {
    const parts = (sort === '' ? [] : sort.split(',')).map((each): Part => {
      // A name may begin with a minus itself.
      const isName = table.columns.some(({ name }) => name === each)
      const descending = !isName && each.startsWith('-')
      return { column: columnOf(table, descending ? each.slice(1) : each), descending }
    })
    const names = parts.map(({ column }) => column.name)
    if (new Set(names).size < names.length)
      throw badOption(`sort "${sort}"`, 'a column is there twice', 'sort')
    const last = parts.at(-1)?.descending ?? false
    const rest = table.key.filter(({ name }) => !names.includes(name))
    const byPlace = table.key.some(({ required }) => !required)
    return new RowOrder([...parts, ...rest.map((column) => ({ column, descending: last }))], byPlace)
  }

  /** What the order is, as text. */
  get shown(): string {
    return JSON.stringify(this.#parts.map(({ column, descending }) => [column.name, descending]))
  }

  /** SQL: what follows ORDER BY. */
  get by(): Fragment {
    const parts = this.#parts.map(
      ({ column, descending }) => sql`${comparedColumn(column)} ${descending ? sql`DESC` : sql`ASC`}`,
    )
    return list(this.#byPlace ? [...parts, ...PLACE] : parts)
  }

  /** SQL: what has to be read of a row: these columns, and those that sort it. */
  needed(columns: readonly RowColumn[]): Fragment {
    const names = new Set([...columns, ...this.#parts.map(({ column }) => column)].map(({ name }) => name))
    const values = [...names].map((name) => sql`t.${ident(name)}`)
    return list(this.#byPlace ? [...values, ...PLACE] : values)
  }

  /** SQL: the texts of a row by which it is found again, as an array. */
  get texts(): Fragment {
    const texts = this.#parts.map(({ column }) => textOf(column, sql`t.${ident(column.name)}`))
    const places = [sql`CAST(t.tableoid AS text)`, sql`CAST(t.ctid AS text)`]
    return sql`ARRAY[${list(this.#byPlace ? [...texts, ...places] : texts)}]::text[]`
  }

  /** How many texts a cursor has. */
  get width(): number {
    return this.#parts.length + (this.#byPlace ? 2 : 0)
  }

  /** SQL: a condition for the rows behind the one with these texts. */
  after(texts: readonly (string | null)[], parameters: Parameters): Fragment {
    const parts = this.#parts.map((part, index) => ({ ...part, text: texts[index] ?? null }))
    const [tableoid, ctid] = texts.slice(parts.length)
    const isRow =
      !this.#byPlace &&
      parts.every(
        ({ column, descending }) =>
          column.required && column.operators === 'pg_catalog' && descending === parts[0]?.descending,
      )
    if (isRow) return rowAfter(parts, parameters)
    const steps = parts.map((part, index) => {
      const same = parts.slice(0, index).map((each) => isSame(each, parameters))
      return list([...same, isAfter(part, parameters)], ' AND ')
    })
    if (this.#byPlace) {
      const same = parts.map((each) => isSame(each, parameters))
      const place = sql`(t.tableoid, t.ctid) > (CAST(${parameters.text(tableoid ?? null)} AS oid), CAST(${parameters.text(ctid ?? null)} AS tid))`
      steps.push(list([...same, place], ' AND '))
    }
    return sql`(${list(steps, ' OR ')})`
  }
}

interface Part {
  readonly column: RowColumn
  readonly descending: boolean
}

type PartAt = Part & { readonly text: string | null }

/** By a comparison of rows, which an index on the columns serves. */
function rowAfter(parts: readonly PartAt[], parameters: Parameters): Fragment {
  const columns = list(parts.map(({ column }) => comparedColumn(column)))
  const values = list(parts.map(({ column, text }) => parameters.compared(column, text ?? '')))
  return sql`(${columns}) ${parts[0]?.descending ? sql`<` : sql`>`} (${values})`
}

function isSame({ column, text }: PartAt, parameters: Parameters): Fragment {
  if (text === null) return sql`${comparedColumn(column)} IS NULL`
  return compare(column, '=', text, parameters)
}

function isAfter({ column, descending, text }: PartAt, parameters: Parameters): Fragment {
  const now = comparedColumn(column)
  if (text === null) return descending ? sql`${now} IS NOT NULL` : sql`false`
  if (descending) return compare(column, '<', text, parameters)
  const isAfter = compare(column, '>', text, parameters)
  return column.required ? isAfter : sql`(${isAfter} OR ${now} IS NULL)`
}

function compare(column: RowColumn, comparison: Comparison, text: string, parameters: Parameters): Fragment {
  return sql`${comparedColumn(column)} ${operatorOf(column, comparison)} ${parameters.compared(column, text)}`
}
