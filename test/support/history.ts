import { Database } from '../../lib/db/database.js'
import { migrate } from '../../lib/db/migrations.js'
import type { Session } from '../../lib/db/session.js'
import { fromCatalog, ident, list, sql } from '../../lib/db/sql.js'
import { changesTable, recordSet, type SetCounts, type SetKind } from '../../lib/history/change-set.js'
import { type StoredColumn, storedColumns, withTextSettings } from '../../lib/history/value-text.js'
import { writeChanges } from '../../lib/history/write.js'
import type { TestDatabase } from './database.js'

interface Filled {
  /** The columns of the key. */
  readonly key?: readonly string[]
  /** Above the limit of shared sets the changes get a table of their own. */
  readonly about?: number
  /** Which column of the table has the positions of the records. */
  readonly position?: string
  readonly firstLoad?: boolean
  readonly planned?: boolean
}

/** Writes change sets as a load would, for any SQL: compares the table before and after it. */
export class HistoryOf implements AsyncDisposable {
  private constructor(
    readonly db: TestDatabase,
    readonly database: Database,
    readonly session: Session,
  ) {}

  static async open(db: TestDatabase): Promise<HistoryOf> {
    const database = await Database.open({ databaseUrl: db.url })
    const session = await database.session()
    await migrate(session)
    return new HistoryOf(db, database, session)
  }

  /** Runs the SQL as a run that changes the table. @returns the run's number */
  async run(table: string, change: string, filled: Filled = {}): Promise<number> {
    const { session } = this
    const { key = ['sku'], about = 1, position, firstLoad = false, planned = false } = filled
    return session.transaction(async () => {
      const row = await session.row<{ run: number }>(
        `INSERT INTO dasy.runs (command, target, key, options, workers, state, outcome, rows, ended_at)
         VALUES ('update', $1, $2, '{}', 1, $3, $4, '{"unchanged": 7}', now()) RETURNING run`,
        [table, key, planned ? 'merging' : 'ended', planned ? 'planned' : 'completed'],
      )
      const { run } = row as { run: number }
      const oid = (
        (await session.row(`SELECT $1::regclass::oid::integer AS oid`, [table])) as { oid: number }
      ).oid
      await session.run(`CREATE TEMPORARY TABLE before ON COMMIT DROP AS SELECT *, xmin AS was FROM ${table}`)
      await session.run(change)
      await withTextSettings(session, () =>
        this.#write({ run, oid, table, key, about, position, firstLoad, planned }),
      )
      await session.run('DROP TABLE before')
      return run
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close()
    await this.database.close()
  }

  async #write(
    of: Required<Omit<Filled, 'position'>> & {
      run: number
      oid: number
      table: string
      position?: string | undefined
    },
  ) {
    const { session } = this
    const { run, oid, table, about, position, firstLoad, planned } = of
    const columns = await storedColumns(session, oid)
    const isKey = ({ name }: StoredColumn) => of.key.includes(name)
    const key = of.key.map((name) => columns.find((column) => column.name === name) as StoredColumn)
    const others = columns.filter((column) => !isKey(column))
    const [b, t] = [(name: string) => sql`b.${ident(name)}`, (name: string) => sql`t.${ident(name)}`]
    const same = list(
      of.key.map((name) => sql`coalesce(${t(name)}::text, 'NULL') = coalesce(${b(name)}::text, 'NULL')`),
      ' AND ',
    )
    const rows = {
      from: sql`pg_temp.before AS b FULL JOIN public.${fromCatalog(table)} AS t ON ${same}`,
      op: sql`CASE WHEN b.was IS NULL THEN 'i' WHEN t.xmin IS NULL THEN 'd' ELSE 'u' END`,
      position: position === undefined ? sql`NULL::bigint` : sql`${t(position)}::bigint`,
      was: sql`b.was`,
      key: key.map((column) => ({ column, value: sql`coalesce(${b(column.name)}, ${t(column.name)})` })),
      columns: others.map((column) => ({ column, old: b(column.name), new: t(column.name) })),
    }
    const { kind }: { kind: SetKind } = firstLoad
      ? { kind: 'first_load' }
      : await writeChanges(session, run, rows, about)
    const counted = firstLoad
      ? `SELECT count(*) AS inserted, 0 AS updated, 0 AS deleted FROM public.${table}`
      : `SELECT count(*) FILTER (WHERE op = 'i') AS inserted, count(*) FILTER (WHERE op = 'u') AS updated,
                count(*) FILTER (WHERE op = 'd') AS deleted
           FROM ${changesTable({ run, kind }).sql} WHERE run = ${run}`
    const counts = (await session.row<SetCounts>(counted)) as SetCounts
    await recordSet(session, { run, relation: oid, kind, columns: { key, others }, planned, ...counts })
  }
}
