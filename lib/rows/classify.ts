import { withLookUps } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, list, literal, number, query, sql, statement } from '../db/sql.js'
import { textOf, typedValue, withTextSettings } from '../history/value-text.js'
import { Classified, type ClassifiedCounts, valueName } from '../merge/classified.js'
import { isPlain, targetRow } from '../merge/target-row.js'
import type { Body } from './body.js'
import { comparedColumn, operatorOf } from './filters.js'
import { Parameters } from './parameters.js'
import { jsonColumns, rowJson } from './row-json.js'
import { hasKey } from './row-key.js'
import type { RowColumn, RowTable } from './row-table.js'

/** What is written of the rows of a request. */
export interface Wanted {
  readonly body: Body
  /** The columns that are written; the key is among them. */
  readonly columns: readonly RowColumn[]
  /** Those that all rows name, or that keep their value. The others get their defaults where a row does not name them. */
  readonly named: readonly RowColumn[]
  /** The values of the key, if they do not stand in the rows. */
  readonly key?: readonly string[] | undefined
}

/** The rows that a request writes, in the form of classified records. */
export class ClassifiedRows {
  readonly #session: Session
  readonly #table: RowTable
  readonly #name: Fragment
  readonly #columns: readonly RowColumn[]

  constructor(session: Session, table: RowTable, columns: readonly RowColumn[]) {
    this.#session = session
    this.#table = table
    this.#columns = columns
    this.#name = ident('dasy', `written_by_${session.backend}`)
  }

  /** Reads the values, within a transaction. A row whose key is in the table is an update. */
  async make(wanted: Wanted): Promise<void> {
    const session = this.#session
    await withTextSettings(session, async () => {
      await this.#create()
      await this.#classify(wanted)
    })
    await this.#setDefaults(wanted)
  }

  /** The row with a key is deleted. */
  async makeDeleted(key: readonly string[]): Promise<void> {
    const session = this.#session
    await withTextSettings(session, async () => {
      await this.#create()
      const parameters = new Parameters()
      const text = statement('rows/classify_deleted', {
        classified: this.#name,
        target: this.#table.name,
        key: list(this.#columns.map((_, index) => valueName(index))),
        values: list(this.#columns.map(({ name }) => sql`t.${ident(name)}`)),
        same_key: hasKey(this.#table, key, parameters),
      })
      await session.run(text, parameters.values)
    })
  }

  /** Leaves out the updates that change nothing. */
  async forgetUnchanged(): Promise<void> {
    const { key, name, target } = this.#table
    const differ = this.#columns.flatMap((column, index) => {
      if (key.includes(column)) return []
      const [now, then] = [
        textOf(column, sql`t.${ident(column.name)}`),
        textOf(column, sql`c.${valueName(index)}`),
      ]
      return [sql`${now} IS DISTINCT FROM ${then}`]
    })
    const text = statement('rows/forget_unchanged', {
      classified: this.#name,
      target: name,
      same_row: isPlain(target) ? sql`t.ctid = c.place` : this.#sameKey(),
      differs: differ.length > 0 ? list(differ, ' OR ') : sql`false`,
    })
    await withTextSettings(this.#session, () => withLookUps(this.#session, () => this.#session.run(text)))
  }

  /** @returns what is to be written, and whether a new row lacks a part of its key */
  async count(): Promise<{ readonly set: Classified; readonly isKeyless: boolean }> {
    const keys = this.#columns.flatMap((column, index) =>
      this.#table.key.includes(column) ? [sql`${valueName(index)} IS NULL`] : [],
    )
    const row = await this.#session.row<ClassifiedCounts & { keyless: boolean }>(
      query`SELECT count(*) FILTER (WHERE op = 'i') AS new,
                   count(*) FILTER (WHERE op = 'u') AS changed,
                   count(*) FILTER (WHERE op = 'd') AS deleted,
                   coalesce(bool_or(op = 'i' AND (${list(keys, ' OR ')})), false) AS keyless
              FROM ${this.#name}`,
    )
    const { keyless, ...counts } = row as ClassifiedCounts & { keyless: boolean }
    return { set: this.#classified({ ...counts, moved: [] }), isKeyless: keyless }
  }

  /** The rows as the table has them now, as JSON, and their keys. */
  async written(): Promise<{ row: string; key: string[] }[]> {
    const { name, columns, key } = this.#table
    const text = statement('rows/written', {
      classified: this.#name,
      target_row: targetRow(name, this.#sameKey(), true, sql`t.*`),
      columns: jsonColumns(columns),
      row: rowJson(sql`r`),
      key: list(key.map((column) => textOf(column, sql`t.${ident(column.name)}`))),
    })
    return await withTextSettings(this.#session, () => this.#session.rows(text))
  }

  async drop(): Promise<void> {
    await this.#session.run(query`DROP TABLE ${this.#name}`)
  }

  /** The columns have the types of the table, so that a value that is too long is refused; but domains, which may refuse NULL. */
  async #create(): Promise<void> {
    const columns = this.#columns.map(
      ({ domain, compared, type }, index) =>
        sql`${valueName(index)} ${fromCatalog(domain ? compared : type)}`,
    )
    await this.#session.run(
      statement('rows/create_classified', { classified: this.#name, columns: list(columns) }),
    )
  }

  async #classify({ body, named, key }: Wanted): Promise<void> {
    const { key: keyColumns, name } = this.#table
    const parameters = new Parameters()
    parameters.values.push(body.text)
    const inputs = this.#columns.map((column, index) => {
      const place = key ? keyColumns.indexOf(column) : -1
      const value = place < 0 ? input(column) : parameters.compared(column, key?.[place] ?? '')
      return sql`${value} AS ${valueName(index)}`
    })
    const unnamed = this.#columns.flatMap((column, index) =>
      named.includes(column)
        ? []
        : [sql`CASE WHEN (e.value -> ${literal(column.name)}) IS NULL THEN ${number(index)} END`],
    )
    const text = statement('rows/classify', {
      classified: this.#name,
      values: list(this.#columns.map((_, index) => sql`i.${valueName(index)}`)),
      unnamed: list(unnamed),
      inputs: list(inputs),
      target_row: targetRow(name, this.#sameKey(sql`i.`), true, sql`t.ctid`),
    })
    await this.#session.run(text, parameters.values)
  }

  /** By the settings of the session, as an INSERT would: defaults may be code of the user. */
  async #setDefaults({ named }: Wanted): Promise<void> {
    const values = this.#columns.flatMap((column, index) => {
      if (named.includes(column) || column.default === null) return []
      const [name, initial] = [valueName(index), fromCatalog(column.default)]
      return [sql`${name} = CASE WHEN ${number(index)} = ANY (unnamed) THEN ${initial} ELSE ${name} END`]
    })
    // In one statement, so that sequences number the rows in their order.
    if (values.length > 0) await this.#session.run(query`UPDATE ${this.#name} SET ${list(values)}`)
  }

  /** A condition: the row `t` of the table has the key of a row that is written. */
  #sameKey(from = sql`c.`): Fragment {
    const same = this.#table.key.map((column) => {
      const value = sql`${from}${valueName(this.#columns.indexOf(column))}`
      return sql`${comparedColumn(column)} ${operatorOf(column, '=')} ${value}`
    })
    return list(same, ' AND ')
  }

  #classified(counts: ClassifiedCounts): Classified {
    const { key } = this.#table
    const isExact = !this.#columns.some(({ domain, sized }) => domain && sized)
    return new Classified({
      table: this.#name,
      columns: this.#columns.map((column) => ({ target: column.name, key: key.includes(column) })),
      key: key.map(({ name }) => name),
      aggregates: [],
      counts,
      // Others may write to the table: it is never recorded as one whose first rows are these.
      hasFound: true,
      hasDeletes: true,
      hasLocations: true,
      looksUp: true,
      // A domain of texts with a length may take less than is given.
      ...(!isExact && { value: (index: number, from: Fragment) => sql`${from}${valueName(index)}` }),
    })
  }
}

/** SQL: the value that the JSON object `e.value` has for a column. */
export function input(column: RowColumn, type = column.compared): Fragment {
  const name = literal(column.name)
  const text = column.json
    ? sql`CASE WHEN pg_catalog.json_typeof(e.value -> ${name}) <> 'null' THEN CAST(e.value -> ${name} AS text) END`
    : sql`(e.value ->> ${name})`
  return typedValue({ type, cast: column.cast, collation: null }, text)
}
