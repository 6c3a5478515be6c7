import type { Session } from '../db/session.js'
import { type Fragment, ident, statement } from '../db/sql.js'
import type { Aggregate, Contents, Maintenance, NewAggregate, Prepared, Remnant } from './aggregate.js'
import { distinctionOf } from './distinction.js'
import { grantToOwner, ownershipOf } from './ownership.js'
import { partsOf } from './parts.js'
import {
  type Base,
  dropRelation,
  keepingPrivileges,
  nextNumber,
  register,
  targetOf,
  trackColumn,
  unregister,
} from './relation.js'
import { isReadable, isSound } from './state.js'
import { applyDifference, createStorage, currentRows, recount, takeOverPrepared } from './storage.js'
import { creatingTriggerFunctions, creatingTriggers } from './triggers.js'

/**
 * A live aggregate is a view over differences, which statement triggers append whoever writes to the target. No session
 * updates a row that another session may touch, so none waits for another, and every snapshot sees exact counts. See
 * "Aggregates" in docs/architecture.md.
 */
export const live: Maintenance = {
  async create(session: Session, wanted: NewAggregate, prepared?: Prepared): Promise<void> {
    const id = wanted.id ?? (await nextNumber(session))
    const base = await createObjects(session, id, wanted, ident(wanted.column), prepared)
    await register(session, id, 'live', wanted, base)
  },

  async refresh(session: Session, aggregate: Aggregate): Promise<void> {
    if (await repair(session, aggregate)) return
    const difference = statement('aggregate/truth_against_kept', {
      column: ident(aggregate.column),
      target: targetOf(aggregate),
      kept: partsOf(aggregate.id).storage,
    })
    await applyDifference(session, aggregate, difference)
  },

  contents: ({ id }: Aggregate): Contents => ({
    relation: partsOf(id).storage,
    rows: currentRows(id),
    value: ident('value'),
    count: ident('change'),
  }),

  async drop(session: Session, aggregate: Aggregate | Remnant): Promise<void> {
    await dropRelation(session, aggregate, 'VIEW')
    await session.run(statement('aggregate/drop_storage', partsOf(aggregate.id)))
    await unregister(session, aggregate)
  },
}

/**
 * Recounts an aggregate whose stored counts may be wrong: objects of it were dropped, restored or changed, the column has
 * another type, or the table was rewritten.
 * @returns whether that was so
 * @param readable whether it is, if that was asked already
 */
export async function repair(session: Session, aggregate: Aggregate, readable?: boolean): Promise<boolean> {
  if (!(readable ?? (await isReadable(session, aggregate)))) await recreate(session, aggregate)
  else if (!(await isSound(session, aggregate))) await recount(session, aggregate)
  else return false
  return true
}

/** Creates all objects again, for the column's current type. The view keeps its name, its columns and its privileges. */
async function recreate(session: Session, aggregate: Aggregate): Promise<void> {
  const { id, target_oid, column, schema, name, count_column } = aggregate
  const wanted: NewAggregate = {
    targetOid: target_oid,
    target: targetOf(aggregate),
    column,
    relation: ident(schema, name),
    schema,
    name,
    countColumn: count_column,
  }
  await keepingPrivileges(session, aggregate, async () => {
    await live.drop(session, aggregate)
    const base = await createObjects(session, id, wanted, ident(aggregate.value_column))
    await register(session, id, 'live', wanted, base)
  })
}

async function createObjects(
  session: Session,
  id: number,
  wanted: NewAggregate,
  valueColumn: Fragment,
  prepared?: Prepared,
): Promise<Base> {
  const parts = partsOf(id)
  const { target, targetOid, relation: view, countColumn } = wanted
  const distinction = await distinctionOf(session, targetOid, wanted.column)
  const ownership = await ownershipOf(session, targetOid)

  await session.run(statement('aggregate/create_marks', { ...parts, unlogged: ownership.unlogged }))
  const base = prepared
    ? await takeOverPrepared(session, id, targetOid, prepared)
    : await createStorage(session, id, wanted, distinction, ownership.unlogged)
  await trackColumn(session, id, wanted)

  const columns = { column: valueColumn, count: ident(countColumn) }
  // In one message: each round trip takes about as long as creating one of them.
  await session.run(
    [
      ...creatingTriggerFunctions(id),
      statement('aggregate/create_view_of_groups', { ...parts, view, ...columns }),
      ...creatingTriggers(id, target, view),
    ].join(';\n'),
  )
  if (ownership.isGivenAway) await grantToOwner(session, id, view, ownership.owner)
  return base
}
