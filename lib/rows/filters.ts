import { FILTER_OPERATORS, type Filter, type FilterOperator } from '../contract/row-query.js'
import { badOption } from '../contract/values.js'
import { type Fragment, fromCatalog, ident, list, sql } from '../db/sql.js'
import { columnOf, type RowColumn, type RowTable } from './row-table.js'

/** Conditions on columns. The values become SQL where the caller says: parameters, or constants. */

const COMPARISONS: Readonly<Partial<Record<FilterOperator, Comparison>>> = {
  eq: '=',
  ne: '<>',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
}

/** How values get into a condition. */
export interface FilterValues {
  /** A text. */
  text(value: string): Fragment
  /** The value of a text, as the column is compared. */
  compared(column: RowColumn, value: string): Fragment
}

/** How many values filters may have: PostgreSQL plans each, so tens of thousands would keep it busy for seconds. */
const MOST_VALUES = 1000

/** @throws DasyError BAD_OPTION */
export function parseOperator(text: string, column: string): FilterOperator {
  if (FILTER_OPERATORS.includes(text as FilterOperator)) return text as FilterOperator
  throw badOption(`filter[${column}][${text}]`, `the operators are ${FILTER_OPERATORS.join(', ')}`, 'filter')
}

/**
 * SQL: the condition of all filters on a row.
 * @param from the alias of the row and a dot, or nothing
 * @throws DasyError COLUMN_NOT_FOUND, BAD_OPTION
 */
export function conditionOf(
  table: RowTable,
  filters: readonly Filter[],
  values: FilterValues,
  from = sql`t.`,
): Fragment {
  if (filters.length === 0) return sql`true`
  requireFew(filters)
  return list(
    filters.map((filter) => sql`(${condition(columnOf(table, filter.column), filter, values, from)})`),
    ' AND ',
  )
}

/** @throws DasyError BAD_OPTION */
function requireFew(filters: readonly Filter[]): void {
  const counts = filters.map(({ operator, value }) => (operator === 'in' ? valuesIn(value).length : 1))
  const count = counts.reduce((sum, each) => sum + each, 0)
  if (count > MOST_VALUES)
    throw badOption('filter', `has ${count} values; at most ${MOST_VALUES} are taken`, 'filter')
}

function valuesIn(list: string): string[] {
  return list.split(',')
}

/** SQL: a column of a row, as it is compared: operators of some types take no domains. */
export function comparedColumn({ name, domain, compared }: RowColumn, from = sql`t.`): Fragment {
  const column = sql`${from}${ident(name)}`
  return domain ? sql`CAST(${column} AS ${fromCatalog(compared)})` : column
}

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='

const OPERATORS: Readonly<Record<Comparison | 'like', Fragment>> = {
  '=': sql`=`,
  '<>': sql`<>`,
  '<': sql`<`,
  '<=': sql`<=`,
  '>': sql`>`,
  '>=': sql`>=`,
  like: sql`~~`,
}

/** SQL: an operator of the type of a column. */
export function operatorOf({ operators }: RowColumn, operator: Comparison | 'like'): Fragment {
  return sql`OPERATOR(${ident(operators)}.${OPERATORS[operator]})`
}

function condition(
  column: RowColumn,
  { operator, value }: Filter,
  values: FilterValues,
  from: Fragment,
): Fragment {
  const left = comparedColumn(column, from)
  if (operator === 'null') return sql`${left} IS ${isNull(column, value) ? sql`NULL` : sql`NOT NULL`}`
  if (operator === 'like')
    return sql`${left} ${operatorOf(column, 'like')} ${values.text(pattern(column, value))}`
  const compare = (comparison: Comparison, text: string) =>
    sql`${left} ${operatorOf(column, comparison)} ${values.compared(column, text)}`
  if (operator === 'in')
    return list(
      valuesIn(value).map((each) => compare('=', each)),
      ' OR ',
    )
  parseOperator(operator, column.name)
  return compare(COMPARISONS[operator] as Comparison, value)
}

function isNull({ name }: RowColumn, value: string): boolean {
  if (value !== 'true' && value !== 'false') throw badFilter(name, 'null', 'must be true or false')
  return value === 'true'
}

function pattern({ name, string, compared }: RowColumn, value: string): string {
  if (!string) throw badFilter(name, 'like', `is for texts, and the column has the type ${compared}`)
  return value
}

function badFilter(column: string, operator: string, why: string) {
  return badOption(`filter[${column}][${operator}]`, why, 'filter')
}
