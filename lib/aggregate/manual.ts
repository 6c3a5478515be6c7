import type { Session } from '../db/session.js'
import type { Aggregate, Keeping, NewAggregate } from './aggregate.js'
import { createFilledTable, dropRelation, refreshTable, register } from './relation.js'

/** A table that is counted when somebody asks for it, and not before. */
export const manual: Keeping = {
  async create(session: Session, wanted: NewAggregate): Promise<void> {
    await createFilledTable(session, wanted)
    await register(session, wanted, 'manual')
  },

  refresh: refreshTable,

  drop: (session: Session, aggregate: Aggregate) => dropRelation(session, aggregate, 'TABLE'),
}
