import type { AggregateKind } from '../contract/receipt.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, query, statement } from '../db/sql.js'
import type { Aggregate, Contents, NewAggregate, Remnant } from './aggregate.js'
import { partsOf } from './parts.js'

/** What all kinds have in common: a number in the registry, and a column that is tracked. */

export function relationOf({ schema, name }: Aggregate): Fragment {
  return ident(schema, name)
}

export function targetOf({ target_schema, target_name }: Aggregate): Fragment {
  return ident(target_schema, target_name)
}

export async function nextNumber(session: Session): Promise<number> {
  const row = await session.row<{ id: number }>(
    query`SELECT nextval(pg_get_serial_sequence('dasy.aggregates', 'aggregate'))::integer AS id`,
  )
  return (row as { id: number }).id
}

/** The base of a live aggregate. */
export interface Base {
  readonly groups: number
  /** The epoch in which it was counted. */
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

/**
 * Creates a statistics object on the column, so that the column is found after it was renamed. If this role may not do that,
 * the column is found by its name.
 */
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
  await session.run(query`DELETE FROM dasy.aggregates WHERE aggregate = $1`, [id])
}

export async function dropRelation(
  session: Session,
  { schema, name }: Aggregate | Remnant,
  kind: 'TABLE' | 'VIEW',
): Promise<void> {
  if (schema === null || name === null) return
  const relation = ident(schema, name)
  await session.run(kind === 'VIEW' ? query`DROP VIEW ${relation}` : query`DROP TABLE ${relation}`)
}

/** Runs `recreate`, which drops a relation and creates it again, and then grants the privileges on it again. */
export async function keepingPrivileges(
  session: Session,
  { schema, name }: Aggregate,
  recreate: () => Promise<void>,
): Promise<void> {
  const granted = await session.rows<{ statement: string }>(statement('aggregate/privileges'), [
    ident(schema, name).sql,
  ])
  await recreate()
  for (const { statement: grant } of granted) await session.run(grant)
}

/** The contents of an aggregate whose relation has one row for each group. */
export function contentsOfRelation(aggregate: Aggregate): Contents {
  return {
    relation: relationOf(aggregate),
    rows: relationOf(aggregate),
    value: ident(aggregate.value_column),
    count: ident(aggregate.count_column),
  }
}

/** Removes an aggregate that consists of its relation only. */
export async function dropWhole(
  session: Session,
  aggregate: Aggregate | Remnant,
  kind: 'TABLE' | 'VIEW',
): Promise<void> {
  await dropRelation(session, aggregate, kind)
  await session.run(query`DROP STATISTICS IF EXISTS ${partsOf(aggregate.id).tracker}`)
  await unregister(session, aggregate)
}
