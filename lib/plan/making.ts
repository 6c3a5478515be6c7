import { liveOf } from '../aggregate/repair.js'
import { requireTarget } from '../catalog/target.js'
import { Events } from '../contract/events.js'
import { sql } from '../db/sql.js'
import { type StoredColumn, storedColumns, withTextSettings } from '../history/value-text.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import { NewTable } from '../merge/new-table.js'
import { publish } from '../merge/publication.js'
import { type CountedAggregate, NO_SECOND } from './context.js'
import { rolledBack } from './rolled-back.js'

/** What a load would make. */
export interface Made {
  readonly columns: readonly StoredColumn[]
  readonly aggregates: readonly CountedAggregate[]
}

const NO_ROWS = {
  read: 0,
  rejected: 0,
  duplicates: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  skipped: 0,
  deleted: 0,
}

/**
 * Makes the table of a load without its rows, and takes that back: whatever prevents it is found, and what it would be.
 * @throws MappingChanged, DasyError NAME_TAKEN, PERMISSION_DENIED and others
 */
export async function tryMaking(context: RunContext, judged: Judged): Promise<Made> {
  const { session, settings } = context
  const empty = { ...context, second: NO_SECOND, events: new Events() }
  const without = { ...judged, duplicateKeys: { wins: sql`false` } }
  const publication = { choose: () => NewTable.begin(empty, without), rows: () => NO_ROWS }
  return await rolledBack<Made>((done) =>
    publish(empty, publication, async () => {
      const { oid } = await requireTarget(session, settings.table)
      const columns = await withTextSettings(session, () => storedColumns(session, oid))
      const aggregates = await liveOf(session, oid)
      done({ columns, aggregates: aggregates.map((each) => ({ ...each, isNew: true })) })
    }),
  )
}
