import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, query, sql, statement } from '../db/sql.js'
import type { Aggregate } from './aggregate.js'
import { partsOf } from './parts.js'

/** The view and the trigger functions of a live aggregate belong to the owner of its table, so that they run as that role. */

export interface Ownership {
  /** UNLOGGED, or nothing for a logged table. */
  readonly unlogged: Fragment
  readonly owner: Fragment
  /** Whether another role owns the table, and this role is a superuser, which can give objects to that role. */
  readonly isGivenAway: boolean
}

export async function ownershipOf(session: Session, targetOid: number): Promise<Ownership> {
  const row = (await session.row<{ unlogged: boolean; owner: string; give_away: boolean }>(
    statement('aggregate/ownership'),
    [targetOid],
  )) as { unlogged: boolean; owner: string; give_away: boolean }
  return {
    unlogged: row.unlogged ? sql`UNLOGGED` : sql``,
    owner: ident(row.owner),
    isGivenAway: row.give_away,
  }
}

/** Gives view and functions to the owner of the table, with the privileges on the storage that the functions need. */
export async function grantToOwner(
  session: Session,
  id: number,
  view: Fragment,
  owner: Fragment,
): Promise<void> {
  const parts = { ...partsOf(id), view, owner }
  await session.run(statement('aggregate/grant_to_owner', parts))
  await session.run(statement('aggregate/give_to_owner', parts))
}

/** After the table has got another owner: gives that role what the former one had. */
export async function updateOwner(session: Session, aggregate: Aggregate): Promise<void> {
  const { id, target_oid, schema, name, owner } = aggregate
  const parts = partsOf(id)
  const found = await session.row<{ former: string; isGranted: boolean }>(
    statement('aggregate/former_owner', parts),
    [target_oid],
  )
  if (!found) return
  await grantToOwner(session, id, ident(schema, name), ident(owner))
  if (!found.isGranted) return
  const former = ident(found.former)
  await session.run(
    query`REVOKE ALL ON ${parts.storage}, ${parts.marks} FROM ${former}; REVOKE ALL ON ${parts.epochs} FROM ${former}`,
  )
}

/** After the table has become LOGGED or UNLOGGED: the storage too, so that a crash empties both or neither. */
export async function updatePersistence(session: Session, { id, target_oid }: Aggregate): Promise<void> {
  const parts = partsOf(id)
  const wanted = await session.row<{ kind: string }>(statement('aggregate/persistence', parts), [target_oid])
  if (!wanted) return
  await session.run(statement('aggregate/set_persistence', { ...parts, kind: fromCatalog(wanted.kind) }))
}
