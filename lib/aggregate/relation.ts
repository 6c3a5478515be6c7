import type { AggregateKind } from '../contract/options.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, statement } from '../db/sql.js'
import type { Aggregate, Contents, NewAggregate, Remnant } from './aggregate.js'
import { partsOf } from './parts.js'

/** What all kinds have in common: a number in the registry, and a column that is found again. */

export function relationOf({ schema, name }: Aggregate): Fragment {
  return ident(schema, name)
}

export function targetOf({ target_schema, target_name }: Aggregate): Fragment {
  return ident(target_schema, target_name)
}

export async function nextNumber(session: Session): Promise<number> {
  const row = await session.row<{ id: number }>(statement('aggregate/next_number'))
  return (row as { id: number }).id
}

/** How many groups its base has, and since which epoch, where it has one. */
export interface Base {
  readonly groups: number
  readonly epoch: number
}

export async function register(
  session: Session,
  id: number,
  kind: AggregateKind,
  { targetOid, column, relation }: NewAggregate,
  base: Base | undefined,
): Promise<void> {
  const values = [id, targetOid, column, kind, relation.sql, base?.groups ?? null, base?.epoch ?? null]
  await session.run(statement('aggregate/register'), values)
}

/** So that it is found whatever it is called by then; where that cannot be, by its name. */
export async function trackColumn(
  session: Session,
  id: number,
  { targetOid, column, target }: NewAggregate,
): Promise<void> {
  const row = await session.row<{ may: boolean }>(statement('aggregate/can_track'), [targetOid, column])
  if (!row?.may) return
  await session.run(statement('aggregate/create_column', { ...partsOf(id), column: ident(column), target }))
}

export async function unregister(session: Session, { id }: Aggregate | Remnant): Promise<void> {
  await session.run(statement('aggregate/unregister'), [id])
}

export async function dropRelation(
  session: Session,
  { schema, name }: Aggregate | Remnant,
  kind: 'TABLE' | 'VIEW',
): Promise<void> {
  if (schema !== null && name !== null) await session.run(`DROP ${kind} ${ident(schema, name).sql}`)
}

/** Runs `remake`, which drops a relation and makes it anew, and gives back what others may do with it. */
export async function keepingPrivileges(
  session: Session,
  { schema, name }: Aggregate,
  remake: () => Promise<void>,
): Promise<void> {
  const granted = await session.rows<{ statement: string }>(statement('aggregate/privileges'), [
    ident(schema, name).sql,
  ])
  await remake()
  for (const { statement: grant } of granted) await session.run(grant)
}

/** Of an aggregate that holds its groups itself. */
export function contentsOfRelation(aggregate: Aggregate): Contents {
  return {
    relation: relationOf(aggregate),
    rows: relationOf(aggregate),
    value: ident(aggregate.value_column),
    count: ident(aggregate.count_column),
  }
}

/** Removes one that is nothing but its relation, with what is kept of it. */
export async function dropWhole(
  session: Session,
  aggregate: Aggregate | Remnant,
  kind: 'TABLE' | 'VIEW',
): Promise<void> {
  await dropRelation(session, aggregate, kind)
  await session.run(statement('aggregate/drop_column', partsOf(aggregate.id)))
  await unregister(session, aggregate)
}
