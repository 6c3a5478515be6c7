import { OWN_SCHEMA } from '../base/own-schema.js'
import { allowsDirectPath, areNamesFree, isSeen } from '../catalog/direct-path.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, list, literal, query, statement } from '../db/sql.js'
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

/**
 * The name that PostgreSQL 18 gives the constraint NOT NULL of a column of the key, if no other constraint has it. If the column has
 * it from the beginning, the rows need not be read for that once more.
 * @returns undefined if PostgreSQL would shorten it
 */
export function notNullName(table: string, column: string): string | undefined {
  const name = `${table}_${column}_not_null`
  return Buffer.byteLength(name) <= LONGEST_NAME ? name : undefined
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
   * @param own the backends of this load
   */
  async isPossible(columns: readonly string[], own: readonly number[]): Promise<boolean> {
    const session = this.#session
    const { schema, name } = this.#place
    const { others, columns: staged } = this.#staged
    const names = [this.#keyName, this.#indexName, this.#nameBetween]
    return (
      // PostgreSQL creates no table in its own schemas, but would move one there.
      !schema.startsWith('pg_') &&
      !names.includes(name) &&
      isKeyNameShort(name) &&
      staged.join('\0') === columns.join('\0') &&
      (await allowsDirectPath(session)) &&
      (await areNamesFree(session, schema, names)) &&
      !(await isSeen(session, stagingTable(this.#run), others, own))
    )
  }

  /** Takes the name: from now on nobody else can give it to a table. */
  async reserve(): Promise<void> {
    await this.#session.run(query`CREATE TABLE ${this.#table} ()`)
  }

  /** Builds the index of the key, while another session may read the table. @returns how many rows it has */
  async addIndex(): Promise<number> {
    const staging = stagingTable(this.#run)
    const key = list(this.#key.columns.map((name) => ident(name)))
    await this.#session.run(statement('merge/index_staging', { index: ident(this.#indexName), staging, key }))
    // Building an index counts them.
    const row = await this.#session.row<{ rows: number }>(
      query`SELECT reltuples AS rows FROM pg_class WHERE oid = ${literal(staging.sql)}::regclass`,
    )
    return row?.rows ?? 0
  }

  /** Gives it the name, its key and its schema. Nobody else reads it any more. */
  async replace(): Promise<void> {
    const { schema, name } = this.#place
    const between = ident(this.#nameBetween)
    const texts = [
      query`DROP TABLE ${this.#table}`,
      query`ALTER TABLE ${stagingTable(this.#run)} RENAME TO ${between}`,
      query`ALTER TABLE ${ident(OWN_SCHEMA, this.#nameBetween)} SET SCHEMA ${ident(schema)}`,
      query`ALTER TABLE ${ident(schema, this.#nameBetween)} RENAME TO ${ident(name)}`,
      query`ALTER TABLE ${this.#table} ADD CONSTRAINT ${ident(this.#keyName)} PRIMARY KEY USING INDEX ${ident(this.#indexName)}`,
    ]
    await this.#session.run(texts.join(';\n'))
  }

  get #table(): Fragment {
    return ident(this.#place.schema, this.#place.name)
  }

  get #keyName(): string {
    return this.#key.constraint ?? usualKeyName(this.#place.name)
  }

  get #indexName(): string {
    return `dasy_key_${this.#run}`
  }

  /** Of the table, when it has left the schema dasy and has not got its name. */
  get #nameBetween(): string {
    return `dasy_run_${this.#run}`
  }
}

function usualKeyName(table: string): string {
  return `${table}_pkey`
}
