import { runChange } from '../changes/change-run.js'
import { purgeTask } from '../changes/purge.js'
import { Events, type Listener } from '../contract/events.js'
import type { Receipt } from '../contract/receipt.js'
import type { Filter, OneRow, RowConditions, RowPage, RowQuery } from '../contract/row-query.js'
import { tuningSettings } from '../contract/settings.js'
import type { TableName } from '../contract/table-name.js'
import type { Database } from '../db/database.js'
import type { Session } from '../db/session.js'
import { historyDays } from '../history/age.js'
import { pruneExpired } from '../history/prune.js'
import { type Body, parseBody } from '../rows/body.js'
import {
  type ChangedRow,
  deleteRow,
  type InsertedRows,
  insertRows,
  patchRow,
  putRow,
} from '../rows/change-row.js'
import { getRow } from '../rows/get.js'
import { type GroupPage, type GroupQuery, listGroups } from '../rows/groups.js'
import { type KnownTable, knownTables } from '../rows/known-tables.js'
import { listRows } from '../rows/list.js'
import { purgeCondition } from '../rows/purge-condition.js'
import { isAsKept, type KeptTable, KeptTables } from '../rows/tables.js'
import { untilWritten } from '../rows/until-written.js'
import { whileWanted } from '../rows/while-wanted.js'
import type { RowWriting } from '../rows/write.js'
import { PhaseTimer } from '../run/phase-timer.js'
import { type Blame, blameIn } from './blame.js'

const LOCK_SECONDS = 30
/** How often old change sets are removed, in milliseconds. */
const PRUNE_MS = 60_000

/** Lends sessions, each to one caller at a time. */
export interface Lender {
  /** @param table whose lock the work may have to wait for */
  use<Result>(work: (session: Session) => Promise<Result>, table?: string): Promise<Result>
  /** The same for work that opens its own session. */
  inTurn<Result>(work: () => Promise<Result>, table?: string): Promise<Result>
}

export interface RowsOptions {
  readonly onEvent?: Listener | undefined
  /** For `purge`, which has a session of its own. */
  readonly database?: Database | undefined
  /** Whether code of the table's owner may run with the rights of this role. */
  readonly trustOwner?: boolean | undefined
  readonly historyDays?: number | undefined
  /** How long a write waits for a table or row that others have locked. */
  readonly lockSeconds?: number | undefined
  /** The tables that the configuration names. */
  readonly tables?: readonly TableName[] | undefined
}

/** Reads and writes single rows of the tables that dasy knows, by sessions that stay open. */
export class Rows {
  readonly #options: RowsOptions
  readonly #events: Events
  readonly #tables: KeptTables
  readonly #readers: Lender
  readonly #writers: Lender
  #prunedAt = performance.now()

  /**
   * @param readers lends sessions that were prepared by `prepareReader`
   * @param writers lends other sessions
   */
  constructor(readers: Lender, writers: Lender, options: RowsOptions = {}) {
    this.#options = options
    this.#events = new Events(options.onEvent)
    this.#tables = new KeptTables(options.tables ?? [])
    this.#readers = readers
    this.#writers = writers
  }

  /**
   * @param signal ends it
   * @throws DasyError TABLE_NOT_FOUND, COLUMN_NOT_FOUND, BAD_OPTION, NO_KEY
   */
  async list(table: string, asked: RowQuery = {}, signal?: AbortSignal): Promise<RowPage> {
    return await this.#read(
      table,
      async (session, kept) =>
        (await isAsKept(session, kept)) ? await listRows(session, kept.table, asked) : undefined,
      signal,
    )
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
  async insert(table: string, body: string): Promise<InsertedRows> {
    const rows = parseBody(body, true)
    return await this.#write(table, rows, (writing, name) => insertRows(writing, name, rows), false)
  }

  /**
   * Deletes rows in one transaction, as `purge` does: all, or those that the filters take.
   * @throws DasyError those of `purge`
   */
  async purge(table: string, filters: readonly Filter[], signal?: AbortSignal): Promise<Receipt> {
    const { database, onEvent, trustOwner, historyDays: days, lockSeconds = LOCK_SECONDS } = this.#options
    if (!database) throw new Error('no database to purge')
    const { where, name } = await this.#read(table, async (session, kept) => ({
      where: await purgeCondition(session, kept.table, filters),
      name: kept.table.table,
    }))
    const events = new Events(onEvent)
    const timer = new PhaseTimer()
    events.subscribe(timer.onEvent)
    const tuning = tuningSettings({ trustOwner, historyDays: days })
    const task = purgeTask({ table: name, where }, tuning, { lockSeconds })
    return await this.#writers.inTurn(() => runChange(task, { database, signal, events, timer }), table)
  }

  /** Who wrote a row. @throws DasyError TABLE_NOT_FOUND, NO_KEY, BAD_OPTION */
  async blame(table: string, key: readonly string[]): Promise<Blame> {
    return await this.#writers.use(
      async (session) => blameIn(session, await this.#tables.requireKnown(session, table), key),
      table,
    )
  }

  /** The tables that dasy knows. */
  async tables(): Promise<KnownTable[]> {
    return await this.#writers.use((session) => knownTables(session, this.#options.tables ?? []))
  }

  /**
   * The groups of an aggregate, the largest first.
   * @param signal ends it
   * @throws DasyError COLUMN_NOT_FOUND, AGGREGATE_NOT_FOUND, BAD_OPTION
   */
  async groups(
    table: string,
    column: string,
    asked: GroupQuery = {},
    signal?: AbortSignal,
  ): Promise<GroupPage> {
    return await this.#read(
      table,
      async (session, kept) =>
        (await isAsKept(session, kept)) ? await listGroups(session, kept.table, column, asked) : undefined,
      signal,
    )
  }

  async #read<Result>(
    table: string,
    work: (session: Session, kept: KeptTable) => Promise<Result | undefined>,
    signal?: AbortSignal,
  ): Promise<Result> {
    return await this.#readers.use(
      (session) =>
        whileWanted(session, signal, () =>
          this.#tables.reading(session, table, (kept) => work(session, kept)),
        ),
      table,
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
      const { trustOwner = false, historyDays: days, lockSeconds = LOCK_SECONDS } = this.#options
      const writing = {
        session,
        lockSeconds,
        events: this.#events,
        trustOwner,
        keepsHistory: historyDays(days) > 0,
      }
      const name = await this.#tables.requireKnown(session, table)
      const result = await untilWritten(session, {
        table: name,
        body,
        mayMeet,
        work: () => work(writing, name),
      })
      await this.#prune(session)
      return result
    }, table)
  }

  /** Now and then, because each row write is a run. */
  async #prune(session: Session): Promise<void> {
    if (performance.now() - this.#prunedAt < PRUNE_MS) return
    this.#prunedAt = performance.now()
    await pruneExpired(session, this.#options.historyDays).catch(() => {})
  }
}
