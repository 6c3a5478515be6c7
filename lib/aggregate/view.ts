import type { Session } from '../db/session.js'
import { ident, statement } from '../db/sql.js'
import type { Aggregate, Maintenance, NewAggregate, Remnant } from './aggregate.js'
import { distinctionOf } from './distinction.js'
import { contentsOfRelation, dropWhole, nextNumber, register, trackColumn } from './relation.js'

/** A view, which counts whenever it is read. */
export const view: Maintenance = {
  async create(session: Session, wanted: NewAggregate): Promise<void> {
    await distinctionOf(session, wanted.targetOid, wanted.column)
    const id = await nextNumber(session)
    await session.run(
      statement('aggregate/create_view', {
        aggregate: wanted.relation,
        column: ident(wanted.column),
        count: ident(wanted.countColumn),
        target: wanted.target,
      }),
    )
    await trackColumn(session, id, wanted)
    await register(session, id, 'view', wanted, undefined)
  },

  async refresh(): Promise<void> {},

  contents: contentsOfRelation,

  drop: (session: Session, aggregate: Aggregate | Remnant) => dropWhole(session, aggregate, 'VIEW'),
}
