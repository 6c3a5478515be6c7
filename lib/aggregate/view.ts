import type { Session } from '../db/session.js'
import { ident, statement } from '../db/sql.js'
import type { Aggregate, Keeping, NewAggregate } from './aggregate.js'
import { dropRelation, register } from './relation.js'

/** A view: always right, and counted by whoever reads it. */
export const view: Keeping = {
  async create(session: Session, wanted: NewAggregate): Promise<void> {
    await session.run(
      statement('aggregate/create_view', {
        aggregate: wanted.relation,
        column: ident(wanted.column),
        count: ident(wanted.countColumn),
        target: wanted.target,
      }),
    )
    await register(session, wanted, 'view')
  },

  async refresh(): Promise<void> {},

  drop: (session: Session, aggregate: Aggregate) => dropRelation(session, aggregate, 'VIEW'),
}
