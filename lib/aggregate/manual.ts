import type { Session } from '../db/session.js'
import { ident, query, statement } from '../db/sql.js'
import type { Aggregate, Maintenance, NewAggregate, Remnant } from './aggregate.js'
import { distinctionOf } from './distinction.js'
import {
  contentsOfRelation,
  dropWhole,
  keepingPrivileges,
  nextNumber,
  register,
  relationOf,
  targetOf,
  trackColumn,
} from './relation.js'

/** A table that only `dasy aggregate` refreshes. */
export const manual: Maintenance = {
  async create(session: Session, wanted: NewAggregate): Promise<void> {
    const id = await nextNumber(session)
    await createTable(session, wanted, wanted.column)
    await trackColumn(session, id, wanted)
    await register(session, id, 'manual', wanted, undefined)
  },

  /** Writes nothing if nothing differs. Until the commit, readers see the former counts. */
  async refresh(session: Session, aggregate: Aggregate): Promise<void> {
    if (!aggregate.fits) return await recreate(session, aggregate)
    const { relation, value, count } = manual.contents(aggregate)
    const parts = { aggregate: relation, column: ident(aggregate.column), target: targetOf(aggregate) }
    const [differing] = await session.rows(
      statement('aggregate/compare', { ...parts, kept: relation, value_column: value, count }),
      [1],
    )
    if (!differing) return
    await session.run(query`DELETE FROM ${relation}`)
    await session.run(statement('aggregate/fill', parts))
  },

  contents: contentsOfRelation,

  drop: (session: Session, aggregate: Aggregate | Remnant) => dropWhole(session, aggregate, 'TABLE'),
}

async function createTable(session: Session, wanted: NewAggregate, valueColumn: string): Promise<void> {
  const { relation: aggregate, column, target, targetOid, countColumn } = wanted
  const { type, collation, method } = await distinctionOf(session, targetOid, column)
  await session.run(
    statement('aggregate/create_table', {
      aggregate,
      column: ident(valueColumn),
      type,
      collation,
      count: ident(countColumn),
    }),
  )
  await session.run(statement('aggregate/fill', { aggregate, column: ident(column), target }))
  if (method) await session.run(query`CREATE INDEX ON ${aggregate} USING ${method} (${ident(valueColumn)})`)
}

/** Creates the table again, because the column has another type. */
async function recreate(session: Session, aggregate: Aggregate): Promise<void> {
  const { id, schema, name, column, value_column, count_column, target_oid } = aggregate
  const wanted: NewAggregate = {
    targetOid: target_oid,
    target: targetOf(aggregate),
    column,
    relation: relationOf(aggregate),
    schema,
    name,
    countColumn: count_column,
  }
  await keepingPrivileges(session, aggregate, async () => {
    await manual.drop(session, aggregate)
    await createTable(session, wanted, value_column)
    await trackColumn(session, id, wanted)
    await register(session, id, 'manual', wanted, undefined)
  })
}
