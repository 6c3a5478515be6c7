import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, list, query, sql } from '../db/sql.js'
import { type StoredColumn, storedColumns, withTextSettings } from '../history/value-text.js'

/** A column that the table does not have yet. */
export interface NewColumn {
  readonly name: string
  readonly type: string
}

/** A table without rows in the schema dasy, with columns that the user's table does not have yet: they can be described and read. */
export class NewColumns {
  readonly #session: Session
  readonly table: Fragment

  constructor(session: Session, run: number) {
    this.#session = session
    this.table = ident('dasy', `planned_${run}`)
  }

  /** Makes the table. @returns its columns as they are stored */
  async make(columns: readonly NewColumn[]): Promise<StoredColumn[]> {
    const definitions = columns.map(({ name, type }) => sql`${ident(name)} ${fromCatalog(type)}`)
    await this.#session.run(query`CREATE TABLE ${this.table} (${list(definitions)})`)
    const row = await this.#session.row<{ oid: number }>(query`SELECT $1::regclass::oid::integer AS oid`, [
      this.table.sql,
    ])
    const { oid } = row as { oid: number }
    return await withTextSettings(this.#session, () => storedColumns(this.#session, oid))
  }

  async drop(): Promise<void> {
    await this.#session.run(query`DROP TABLE ${this.table}`)
  }
}
