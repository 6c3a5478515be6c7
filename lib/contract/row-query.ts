/** What is asked of the rows of a table. */

export const FILTER_OPERATORS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'like', 'in', 'null'] as const

export type FilterOperator = (typeof FILTER_OPERATORS)[number]

/** A condition on a column. */
export interface Filter {
  readonly column: string
  readonly operator: FilterOperator
  /** A text; of `in` a list with commas, of `null` true or false. */
  readonly value: string
}

export interface RowQuery {
  /** All must hold. */
  readonly filters?: readonly Filter[] | undefined
  /** Names of columns with commas between them; a minus before one that is sorted descending. */
  readonly sort?: string | undefined
  /** At most so many rows: 100 by default, and not more than 1,000. */
  readonly limit?: number | undefined
  /** Where the page before ended. */
  readonly cursor?: string | undefined
  /** The columns that are wanted, with commas between them; all by default. */
  readonly select?: string | undefined
}

/** Rows as JSON texts, so that no number is rounded. */
export interface RowPage {
  readonly rows: readonly string[]
  /** For the next page; null: there is none. */
  readonly cursor: string | null
}

/** When a row is written: if it is as it was read, or if it is not there yet. */
export interface RowConditions {
  /** As in the header If-Match: `*`, or hashes with commas between them. */
  readonly ifMatch?: string | undefined
  /** As in the header If-None-Match: `*`. */
  readonly ifNoneMatch?: string | undefined
}

/** A row and its hash. */
export interface OneRow {
  /** As JSON. */
  readonly row: string
  readonly etag: string
}
