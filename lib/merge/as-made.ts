import { type Aggregate, aggregatesOf } from '../aggregate/aggregate.js'
import { kinds } from '../aggregate/kinds.js'
import { partsOf } from '../aggregate/parts.js'
import { relationOf } from '../aggregate/relation.js'
import { isReadable } from '../aggregate/state.js'
import { hasRows, type Target } from '../catalog/target.js'
import { sqlState } from '../db/failures.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, list, query, sql, statement } from '../db/sql.js'

/** Another session has it, or has dropped or renamed it. */
const NOT_TO_BE_LOCKED = ['55P03', '42P01', '3F000']

/**
 * Drops an empty table, with its aggregate, if both are exactly as `dasy migrate up` made them. Then the load creates them
 * again, together with their rows, and nobody could tell that from rows inserted into the old table.
 * @returns the aggregate; undefined if the table is any other, and stays
 */
export async function dropAsMade(session: Session, target: Target): Promise<Aggregate | undefined> {
  const aggregate = await readableAggregate(session, target)
  if (!aggregate) return undefined
  const table = ident(target.schema, target.name)
  const view = relationOf(aggregate)
  if (!(await tryToLock(session, [table, view], sql`ACCESS EXCLUSIVE`))) return undefined
  if (!(await isAsMade(session, target, aggregate))) return undefined
  // In older versions GRANT takes no lock. After these statements, which change nothing, it waits for the end of this
  // transaction (and then fails, because it would change a row that is gone); one that was committed before is seen now.
  await session.run(
    query`ALTER TABLE ${table} RESET (parallel_workers); ALTER VIEW ${view} RESET (security_barrier)`,
  )
  if (await hasPrivileges(session, [table, view])) return undefined

  await kinds.live.drop(session, aggregate)
  await session.run(query`DROP TABLE ${table}`)
  await session.run(query`DELETE FROM dasy.tables WHERE relation = $1::integer::oid`, [target.oid])
  return aggregate
}

/** Whether `dropAsMade` would drop it now, as far as that can be known without waiting for a lock. */
export async function isEmptyAsMade(session: Session, target: Target): Promise<boolean> {
  // Most tables have rows, which is known sooner than what the catalog says. The lock is not kept while that is read.
  const mayBe = target.ours && target.owned && (await session.transaction(() => isEmpty(session, target)))
  if (!mayBe) return false
  return await session.transaction(async () => {
    const aggregate = await readableAggregate(session, target)
    if (!aggregate || !(await isAsMade(session, target, aggregate))) return false
    return await isEmpty(session, target)
  })
}

/** Whether it has no rows; false also if that is not known without waiting for a lock. */
async function isEmpty(session: Session, target: Target): Promise<boolean> {
  const table = ident(target.schema, target.name)
  return (await tryToLock(session, [table], sql`ACCESS SHARE`)) && !(await hasRows(session, target, target))
}

async function readableAggregate(session: Session, { oid }: Target): Promise<Aggregate | undefined> {
  const [aggregate] = await aggregatesOf(session, oid)
  return aggregate?.kind === 'live' && (await isReadable(session, aggregate)) ? aggregate : undefined
}

/**
 * Does not wait: a statement that reads the aggregate and the table may have locked the one and wait for the other, which this
 * transaction has locked.
 */
async function tryToLock(session: Session, relations: readonly Fragment[], mode: Fragment): Promise<boolean> {
  try {
    await session.savepoint(() => session.run(query`LOCK TABLE ${list(relations)} IN ${mode} MODE NOWAIT`))
    return true
  } catch (error) {
    if (NOT_TO_BE_LOCKED.includes(sqlState(error) ?? '')) return false
    throw error
  }
}

async function hasPrivileges(session: Session, relations: readonly Fragment[]): Promise<boolean> {
  const text = query`SELECT bool_or(relacl IS NOT NULL) AS are FROM pg_class WHERE oid = ANY ($1::regclass[])`
  const row = await session.row<{ are: boolean }>(text, [relations.map((relation) => relation.sql)])
  return row?.are ?? true
}

async function isAsMade(session: Session, { oid }: Target, { id }: Aggregate): Promise<boolean> {
  return (await session.row(statement('merge/is_as_made', partsOf(id)), [oid, id])) !== undefined
}
