import type { Target } from '../catalog/target.js'
import { type Fragment, ident, query, sql } from '../db/sql.js'
import { recordSet, type SetColumns, type SetCounts, type SetKind } from '../history/change-set.js'
import { type StoredColumn, storedColumns, withTextSettings } from '../history/value-text.js'
import { writeChanges } from '../history/write.js'
import type { WriteContext } from './write.js'

/** Records that a run filled a table without rows. */
export class FirstLoadRecorder {
  protected readonly context: WriteContext
  readonly #oid: number
  /** Its qualified name in SQL. */
  readonly #name: Fragment
  #columns: SetColumns | undefined

  constructor(context: WriteContext, { oid, schema, name }: Pick<Target, 'oid' | 'schema' | 'name'>) {
    this.context = context
    this.#oid = oid
    this.#name = ident(schema, name)
  }

  /**
   * A load into a table without rows: they are told by their transactions, so no copy is kept.
   * @param writers the transactions that wrote the rows, if they are others than this one
   */
  async firstLoad(key: readonly string[], inserted: number, writers?: readonly number[]): Promise<void> {
    if (inserted === 0) return
    const isTold = await this.isTold()
    const columns = await this.columnsOf(key)
    const usual = this.context.keepsHistory ? 'first_load' : 'none'
    const kind = isTold ? await this.#copy(columns, inserted) : usual
    await this.record(kind, columns, { inserted, updated: 0, deleted: 0 }, writers)
  }

  /** Whether a webhook wants the changes: then they are kept, also those of a first load. */
  protected async isTold(): Promise<boolean> {
    const { session, run } = this.context
    const row = await session.row<{ told: boolean }>(
      query`SELECT EXISTS (SELECT FROM dasy.webhooks) AND dasy.wants_changes(target) AS told FROM dasy.runs WHERE run = $1`,
      [run],
    )
    return row?.told ?? false
  }

  /** All rows of the table, as inserted. */
  async #copy({ key, others }: SetColumns, inserted: number): Promise<SetKind> {
    const { session, run } = this.context
    const now = ({ name }: StoredColumn): Fragment => sql`t.${ident(name)}`
    const rows = {
      from: sql`${this.#name} AS t`,
      op: sql`'i'`,
      position: sql`NULL::bigint`,
      was: sql`NULL::xid`,
      key: key.map((column) => ({ column, value: now(column) })),
      columns: others.map((column) => ({ column, old: now(column), new: now(column) })),
    }
    return await withTextSettings(
      session,
      async () => (await writeChanges(session, run, rows, inserted)).kind,
    )
  }

  /** Stores the head of the set. @param subxids the other transactions that wrote its rows, if any did */
  protected async record(
    kind: SetKind,
    columns: SetColumns,
    counts: SetCounts,
    subxids?: readonly number[],
  ): Promise<void> {
    const { session, run } = this.context
    await recordSet(session, { run, relation: this.#oid, kind, columns, subxids, ...counts })
  }

  protected async columnsOf(names: readonly string[]): Promise<SetColumns> {
    const { session } = this.context
    this.#columns ??= await withTextSettings(session, async () => {
      const stored = await storedColumns(session, this.#oid)
      const key = names.map((name) => stored.find((column) => column.name === name) as StoredColumn)
      return { key, others: stored.filter((column) => !key.includes(column)) }
    })
    return this.#columns
  }
}
