import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, statement } from '../db/sql.js'
import type { Aggregate, Keeping, NewAggregate, Prepared } from './aggregate.js'
import { setGroups } from './groups.js'
import {
  adopt,
  createFilledTable,
  createIndex,
  dropRelation,
  refreshTable,
  register,
  relationOf,
  targetOf,
} from './relation.js'

/** A table that statement triggers keep right, whoever writes to the target. */
export const live: Keeping = {
  async create(session: Session, wanted: NewAggregate, prepared?: Prepared): Promise<void> {
    const groups = prepared
      ? await adopt(session, wanted, prepared)
      : await createFilledTable(session, wanted)
    const id = await register(session, wanted, 'live')
    await setGroups(session, { id }, groups)
    await session.run(
      statement('aggregate/create_triggers', {
        ...triggerNames(id),
        target: wanted.target,
        id: fromCatalog(String(id)),
      }),
    )
  },

  refresh: refreshTable,

  async drop(session: Session, aggregate: Aggregate): Promise<void> {
    await session.run(statement('aggregate/drop_triggers', triggerFragments(aggregate)))
    await dropRelation(session, aggregate, 'TABLE')
  },
}

/** Until the end of the transaction nobody else writes: the caller holds the target's EXCLUSIVE lock. */
export async function suspendTriggers(session: Session, aggregate: Aggregate): Promise<void> {
  await session.run(statement('aggregate/disable_triggers', triggerFragments(aggregate)))
}

export async function resumeTriggers(session: Session, aggregate: Aggregate): Promise<void> {
  await session.run(statement('aggregate/enable_triggers', triggerFragments(aggregate)))
}

/**
 * Fills the aggregate of a table that was empty: the index is built once, after the rows.
 * @param counts the table where it has been counted already
 */
export async function fillEmpty(session: Session, aggregate: Aggregate, counts?: Fragment): Promise<void> {
  const { index_name, schema, column } = aggregate
  const relation = relationOf(aggregate)
  await session.run(
    statement('aggregate/reset', { aggregate: relation, index: ident(schema, index_name ?? '') }),
  )
  const groups = counts
    ? await session.run(statement('aggregate/fill_counted', { aggregate: relation, counts }), [aggregate.id])
    : await session.run(
        statement('aggregate/fill', {
          aggregate: relation,
          column: ident(column),
          target: targetOf(aggregate),
        }),
      )
  await createIndex(session, relation, index_name ?? '')
  await setGroups(session, aggregate, groups)
}

function triggerNames(id: number): Record<string, Fragment> {
  return {
    announce: ident(`dasy_${id}_announce`),
    on_insert: ident(`dasy_${id}_insert`),
    on_update: ident(`dasy_${id}_update`),
    on_delete: ident(`dasy_${id}_delete`),
    on_truncate: ident(`dasy_${id}_truncate`),
  }
}

function triggerFragments(aggregate: Aggregate): Record<string, Fragment> {
  return { ...triggerNames(aggregate.id), target: targetOf(aggregate) }
}
