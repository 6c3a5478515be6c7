import { requireTarget } from '../catalog/target.js'
import type { Events } from '../contract/events.js'
import type { Rows } from '../contract/receipt.js'
import { checkChangeBalance } from '../contract/receipt.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { ident, number, query, sql } from '../db/sql.js'
import { beginRowRun, endRowRun } from '../ledger/row-run.js'
import { ChangeWriter } from '../merge/change-writer.js'
import type { Classified } from '../merge/classified.js'
import { valueName } from '../merge/classified.js'
import { lockForWriting } from '../merge/locked-target.js'
import { addCascaded, noteCascades } from '../merge/references.js'
import type { Written } from '../merge/write.js'
import { refused } from './body.js'
import { describe, type RowTable } from './row-table.js'

/** What row writes work with. */
export interface RowWriting {
  readonly session: Session
  readonly events: Events
  /** How long it waits for a load that has the table locked. */
  readonly lockSeconds: number
  /** Whether code of the table's owner may run with the rights of this role. */
  readonly trustOwner: boolean
  /** Whether old values are kept. */
  readonly keepsHistory: boolean
}

/** Does something with a table whose rows may be written, in one transaction. */
export async function writingTo<Result>(
  { session, trustOwner, lockSeconds }: RowWriting,
  name: TableName,
  work: (table: RowTable) => Promise<Result>,
): Promise<Result> {
  return await session.transaction(
    async () => {
      const found = await requireTarget(session, name)
      const target = await lockForWriting(session, { table: name, tuning: { trustOwner } }, found, 'loads')
      return await work(await describe(session, name, target))
    },
    query`SET LOCAL lock_timeout = ${number(Math.ceil(1000 * lockSeconds))}`,
  )
}

/**
 * Writes classified rows as a run of their own, by the writer of loads: it is in the ledger, and has a change set. Aggregates follow by
 * their triggers.
 * @returns the number of the run
 */
export async function writeRows(
  { session, keepsHistory }: RowWriting,
  table: RowTable,
  set: Classified,
): Promise<number> {
  const began = performance.now()
  const run = await beginRowRun(session, displayName(table.table), set.key)
  const context = { run, session, target: table.name, keepsHistory }
  const written = await new ChangeWriter(context, table.target).write(set)
  const seconds = (performance.now() - began) / 1000
  await endRowRun(session, run, rowsOf(set, written), {
    total: seconds,
    start: 0,
    plan: 0,
    copy: 0,
    merge: seconds,
    aggregate: 0,
  })
  return run
}

/** Adds to the row that is deleted those of the table that go with it, and says what happens to those of other tables. */
export async function withCascades(
  { session, events }: RowWriting,
  { target, key }: RowTable,
  set: Classified,
): Promise<Classified> {
  await noteCascades({ session, events }, target, set)
  const cascaded = await addCascaded(session, target, set, [
    [sql`place`, sql`r.ctid`],
    [sql`found_in`, sql`r.tableoid`],
    [sql`op`, sql`CAST('d' AS "char")`],
    ...key.map(({ name }, index) => [valueName(index), sql`r.${ident(name)}`] as const),
  ])
  return cascaded === 0 ? set : set.with({ deleted: set.counts.deleted + cascaded })
}

/** @throws DasyError ROW_REFUSED */
export function requireWhole(table: RowTable, isKeyless: boolean): void {
  if (!isKeyless) return
  const names = table.key.map(({ name }) => name).join(', ')
  throw refused(`a row needs its key (${names})`, { column: table.key[0]?.name })
}

function rowsOf(set: Classified, { inserted, updated, deleted }: Written): Rows {
  const read = set.inserted + set.counts.changed + set.counts.deleted
  const unchanged = read - inserted - updated - deleted
  const rows = { read, rejected: 0, duplicates: 0, inserted, updated, unchanged, skipped: 0, deleted }
  checkChangeBalance(rows)
  return rows
}
