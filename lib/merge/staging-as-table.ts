import { OWN_SCHEMA } from '../base/own-schema.js'
import { allowsDirectPath, isAnyRunning, isNameFree } from '../catalog/direct-path.js'
import type { Session } from '../db/session.js'
import { ident, list, query, statement } from '../db/sql.js'
import type { DirectlyStaged } from '../judge/context.js'
import { stagingTable } from '../ledger/staging.js'
import type { PlainKey } from './key.js'

/** The most bytes of a name in PostgreSQL. */
const LONGEST_NAME = 63

/** Where the table is to be. */
export interface TablePlace {
  readonly schema: string
  readonly name: string
}

/** Whether the key of a table can have the name that PostgreSQL would give it, without being shortened. */
export function isKeyNameShort(table: string): boolean {
  return Buffer.byteLength(usualKeyName(table)) <= LONGEST_NAME
}

/** Turns the staging table of the direct path into the user's table, within the publishing transaction. */
export class StagingAsTable {
  readonly #session: Session
  readonly #run: number
  readonly #place: TablePlace
  readonly #key: PlainKey
  readonly #staged: DirectlyStaged

  constructor(session: Session, run: number, staged: DirectlyStaged, place: TablePlace, key: PlainKey) {
    this.#session = session
    this.#run = run
    this.#staged = staged
    this.#place = place
    this.#key = key
  }

  /**
   * Whether nobody can tell it from a table that is made with its rows.
   * @param columns of that table, in their order
   */
  async isPossible(columns: readonly string[]): Promise<boolean> {
    const session = this.#session
    const { schema, name } = this.#place
    const { others, columns: staged } = this.#staged
    return (
      // PostgreSQL creates no table in its own schemas, but would move one there.
      !schema.startsWith('pg_') &&
      isKeyNameShort(name) &&
      staged.join('\0') === columns.join('\0') &&
      (await allowsDirectPath(session)) &&
      !(await isAnyRunning(session, others)) &&
      (await isNameFree(session, schema, this.#keyName))
    )
  }

  /** Builds the index of the key, while another session may read the table. */
  async addIndex(): Promise<void> {
    const key = list(this.#key.columns.map((name) => ident(name)))
    const parts = { index: ident(this.#indexName), staging: stagingTable(this.#run), key }
    await this.#session.run(statement('merge/index_staging', parts))
  }

  /** Nobody else reads the table any more. The name between the two is one that no user has given to a table. */
  async rename(): Promise<void> {
    const { schema, name } = this.#place
    const between = `dasy_run_${this.#run}`
    const staged = ident(OWN_SCHEMA, between)
    const table = ident(schema, name)
    const texts = [
      query`ALTER TABLE ${stagingTable(this.#run)} RENAME TO ${ident(between)}`,
      query`ALTER TABLE ${staged} SET SCHEMA ${ident(schema)}`,
      query`ALTER TABLE ${ident(schema, between)} RENAME TO ${ident(name)}`,
      query`ALTER TABLE ${table} ADD CONSTRAINT ${ident(this.#keyName)} PRIMARY KEY USING INDEX ${ident(this.#indexName)}`,
    ]
    await this.#session.run(texts.join(';\n'))
  }

  get #keyName(): string {
    return this.#key.constraint ?? usualKeyName(this.#place.name)
  }

  get #indexName(): string {
    return `dasy_key_${this.#run}`
  }
}

function usualKeyName(table: string): string {
  return `${table}_pkey`
}
