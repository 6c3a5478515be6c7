import { type Fragment, fromCatalog, sql } from '../db/sql.js'
import { typedValue } from '../history/value-text.js'
import type { RowColumn } from './row-table.js'

/** The parameters of a statement, added in the order in which it is written. */
export class Parameters {
  readonly values: (string | number | null | readonly string[])[] = []

  /** A parameter that is a text, also where nothing else of the statement says so. */
  text(value: string | null): Fragment {
    return sql`CAST(${this.#add(value)} AS pg_catalog.text)`
  }

  /** A text as a value by which a column is compared. */
  compared({ compared, cast }: RowColumn, value: string): Fragment {
    return typedValue({ type: compared, cast, collation: null }, this.text(value))
  }

  #add(value: string | null): Fragment {
    this.values.push(value)
    return fromCatalog(`$${this.values.length}`)
  }
}
