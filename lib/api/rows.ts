import { Events } from '../contract/events.js'
import type { DatabaseOptions } from '../contract/options.js'
import type { OneRow, RowConditions, RowPage, RowQuery } from '../contract/row-query.js'
import type { TableName } from '../contract/table-name.js'
import type { Database } from '../db/database.js'
import { useSchema } from '../db/locks.js'
import { migrate } from '../db/migrations.js'
import type { Session } from '../db/session.js'
import { query } from '../db/sql.js'
import { historyDays } from '../history/age.js'
import { pruneExpired } from '../history/prune.js'
import { setTextSettings } from '../history/value-text.js'
import { type Body, parseBody } from '../rows/body.js'
import { type ChangedRow, deleteRow, insertRows, patchRow, putRow } from '../rows/change-row.js'
import { Connections } from '../rows/connections.js'
import { getRow } from '../rows/get.js'
import { listRows } from '../rows/list.js'
import { type KeptTable, KeptTables } from '../rows/tables.js'
import { untilWritten } from '../rows/until-written.js'
import type { RowWriting } from '../rows/write.js'

/** Sessions that read, and those that write. */
const READERS = 8
const WRITERS = 4
/** How often old change sets are removed, in milliseconds. */
const PRUNE_MS = 60_000

export interface RowsOptions extends DatabaseOptions {
  /** Whether code of the table's owner may run with the rights of this role. */
  readonly trustOwner?: boolean | undefined
  readonly historyDays?: number | undefined
  /** The tables that the configuration names. */
  readonly tables?: readonly TableName[] | undefined
}

/** Reads and writes single rows of the tables that dasy knows, by sessions that stay open. */
export class Rows implements AsyncDisposable {
  readonly #options: RowsOptions
  readonly #events: Events
  readonly #tables: KeptTables
  readonly #readers: Connections
  readonly #writers: Connections
  /** The search path of the role; readers have another one. */
  #path = ''
  #prunedAt = performance.now()

  /** @param database that is closed by the caller */
  constructor(database: Database, options: RowsOptions = {}) {
    this.#options = options
    this.#events = new Events(options.onEvent)
    this.#tables = new KeptTables(options.tables ?? [])
    this.#readers = new Connections(database, READERS, async (session) => {
      await prepare(session)
      const row = await session.row<{ path: string }>(query`SELECT current_setting('search_path') AS path`)
      this.#path = row?.path ?? ''
      await setTextSettings(session)
    })
    this.#writers = new Connections(database, WRITERS, prepare)
  }

  /** @throws DasyError TABLE_NOT_FOUND, COLUMN_NOT_FOUND, BAD_OPTION, NO_KEY */
  async list(table: string, asked: RowQuery = {}): Promise<RowPage> {
    return await this.#read(table, (session, kept) => listRows(session, kept.table, asked))
  }

  /** @throws DasyError TABLE_NOT_FOUND, ROW_NOT_FOUND, BAD_OPTION, NO_KEY */
  async get(table: string, key: readonly string[]): Promise<OneRow> {
    return await this.#read(table, (session, { table: described, shape, get }) =>
      getRow(session, described, shape, get, key),
    )
  }

  /** Makes a row, or replaces it. @param body a JSON object @see putRow */
  async put(
    table: string,
    key: readonly string[],
    body: string,
    conditions: RowConditions = {},
  ): Promise<ChangedRow> {
    const row = parseBody(body, false)
    return await this.#write(table, row, (writing, name) =>
      putRow(writing, { table: name, key, ...conditions }, row),
    )
  }

  /** Changes columns of a row. @param body a JSON object @see patchRow */
  async patch(
    table: string,
    key: readonly string[],
    body: string,
    conditions: RowConditions = {},
  ): Promise<ChangedRow> {
    const row = parseBody(body, false)
    return await this.#write(table, row, (writing, name) =>
      patchRow(writing, { table: name, key, ...conditions }, row),
    )
  }

  /** @see deleteRow */
  async delete(table: string, key: readonly string[], conditions: RowConditions = {}): Promise<ChangedRow> {
    return await this.#write(table, undefined, (writing, name) =>
      deleteRow(writing, { table: name, key, ...conditions }),
    )
  }

  /** Inserts rows, or none. @param body a JSON object, or an array of up to 1,000 @see insertRows */
  async insert(table: string, body: string): Promise<Awaited<ReturnType<typeof insertRows>>> {
    const rows = parseBody(body, true)
    return await this.#write(table, rows, (writing, name) => insertRows(writing, name, rows), false)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#readers[Symbol.asyncDispose](), this.#writers[Symbol.asyncDispose]()])
  }

  async #read<Result>(
    table: string,
    work: (session: Session, kept: KeptTable) => Promise<Result | undefined>,
  ): Promise<Result> {
    return await this.#readers.use((session) =>
      this.#tables.reading(session, this.#path, table, (kept) => work(session, kept)),
    )
  }

  /** @param mayMeet whether a row that another one has just made is seen by trying again */
  async #write<Result>(
    table: string,
    body: Body | undefined,
    work: (writing: RowWriting, name: TableName) => Promise<Result>,
    mayMeet = true,
  ): Promise<Result> {
    return await this.#writers.use(async (session) => {
      const { trustOwner = false, historyDays: days } = this.#options
      const writing = { session, events: this.#events, trustOwner, keepsHistory: historyDays(days) > 0 }
      const name = await this.#tables.requireKnown(session, table)
      const result = await untilWritten(session, {
        table: name,
        body,
        mayMeet,
        work: () => work(writing, name),
      })
      await this.#prune(session)
      return result
    })
  }

  /** Now and then, because each row write is a run. */
  async #prune(session: Session): Promise<void> {
    if (performance.now() - this.#prunedAt < PRUNE_MS) return
    this.#prunedAt = performance.now()
    await pruneExpired(session, this.#options.historyDays).catch(() => {})
  }
}

async function prepare(session: Session): Promise<void> {
  await useSchema(session)
  await migrate(session)
}
