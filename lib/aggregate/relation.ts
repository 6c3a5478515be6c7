import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, statement } from '../db/sql.js'
import type { AggregateKind } from '../options.js'
import type { Aggregate, NewAggregate, Prepared } from './aggregate.js'

/** What the kinds that keep a table have in common. */

/** Takes a table that is all that the aggregate is to be, but for its name. @returns the number of groups */
export async function adopt(
  session: Session,
  { relation, schema, name, countColumn }: NewAggregate,
  prepared: Prepared,
): Promise<number> {
  await session.run(
    statement('aggregate/adopt', {
      prepared: ident(prepared.schema, prepared.name),
      schema: ident(schema),
      moved: ident(schema, prepared.name),
      name: ident(name),
      moved_index: ident(schema, indexName(prepared.name)),
      index: ident(indexName(name)),
      relation,
      count: ident(countColumn),
    }),
  )
  return prepared.groups
}

/** Makes the table with its counts and its index. @returns the number of groups */
export async function createFilledTable(session: Session, wanted: NewAggregate): Promise<number> {
  const { relation: aggregate, column, type, countColumn, target, name } = wanted
  await session.run(
    statement('aggregate/create_table', {
      aggregate,
      column: ident(column),
      type: fromCatalog(type),
      count: ident(countColumn),
    }),
  )
  const groups = await session.run(statement('aggregate/fill', { aggregate, column: ident(column), target }))
  await createIndex(session, aggregate, indexName(name))
  return groups
}

export async function createIndex(session: Session, aggregate: Fragment, index: string): Promise<void> {
  // The same expressions as in ON CONFLICT, so both come from one function in the database.
  const row = await session.row<{ columns: string }>(statement('aggregate/index_columns'), [aggregate.sql])
  await session.run(
    statement('aggregate/create_index', {
      index: ident(index),
      aggregate,
      index_columns: fromCatalog(row?.columns ?? ''),
    }),
  )
}

/** @returns the aggregate's number in the registry */
export async function register(session: Session, wanted: NewAggregate, kind: AggregateKind): Promise<number> {
  const { targetOid, attribute, relation } = wanted
  const row = await session.row<{ id: number }>(statement('aggregate/register'), [
    targetOid,
    attribute,
    kind,
    relation.sql,
  ])
  return (row as { id: number }).id
}

/**
 * Applies a difference, given as a query for (value, change).
 * @returns by how much the counts moved in all
 */
export async function applyDifference(
  session: Session,
  aggregate: Aggregate,
  changes: string,
): Promise<number> {
  const row = await session.row<{ moved: number }>(statement('aggregate/apply_difference'), [
    relationOf(aggregate).sql,
    changes,
  ])
  return row?.moved ?? 0
}

/** Counts anew, and writes only the rows that were wrong: whoever reads meanwhile sees the table as it was. */
export async function refreshTable(session: Session, aggregate: Aggregate): Promise<void> {
  const changes = statement('aggregate/truth_against_kept', {
    column: ident(aggregate.column),
    target: targetOf(aggregate),
    value_column: ident(aggregate.value_column),
    count: ident(aggregate.count_column),
    aggregate: relationOf(aggregate),
  })
  await applyDifference(session, aggregate, changes)
}

export async function dropRelation(
  session: Session,
  aggregate: Aggregate,
  kind: 'TABLE' | 'VIEW',
): Promise<void> {
  await session.run(statement('aggregate/unregister'), [aggregate.id])
  await session.run(`DROP ${kind} ${relationOf(aggregate).sql}`)
}

export function relationOf({ schema, name }: Aggregate): Fragment {
  return ident(schema, name)
}

export function targetOf({ target_schema, target_name }: Aggregate): Fragment {
  return ident(target_schema, target_name)
}

/** Whether a table that is made elsewhere and moved to its place is as good as one made there. */
export async function canAdopt(session: Session): Promise<boolean> {
  const row = await session.row<{ there: boolean }>(statement('aggregate/has_default_privileges'))
  return row?.there === false
}

/** Cut to PostgreSQL's 63 bytes without splitting a character. */
export function indexName(name: string): string {
  let stem = name
  while (Buffer.byteLength(stem) > 59) stem = stem.slice(0, -1)
  return `${stem}_key`
}
