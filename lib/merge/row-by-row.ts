import { unbalanced } from '../contract/receipt.js'
import { query, sql, statement } from '../db/sql.js'
import type { Classes } from './classification.js'
import { type RefusedRow, RowsRefused } from './refused-rows.js'
import { analyze } from './statistics.js'
import { NO_UPDATE, Upsert } from './upsert.js'

/** How many refused rows one publication reports, which limits the memory. The next one reports further rows. */
const MOST_REFUSED = 100_000

/** The rows of one block. */
const AMONG = sql`c.position = ANY ($1)`

/**
 * An upsert after a statement for all rows has failed: writes blocks of rows in the order of the file, and smaller blocks
 * if the table refuses one, until each refused row is found.
 */
export class RowByRow extends Upsert {
  /** @throws RowsRefused with the rows that cannot be written */
  protected override async writeClasses({ new: added, changed }: Classes): Promise<void> {
    const { session, target, mapping, settings } = this.context
    const { table: classified } = this.classification
    const { actors } = this.inspected
    if (added + changed === 0) return
    await session.run(query`CREATE INDEX ON ${classified} (position); ANALYZE ${classified}`)
    // Each block is planned by itself, with the statistics of the table.
    await analyze(session, [target])
    const sameKey = this.classification.sameKey()
    const inserts = settings.policy.existingOnly ? null : this.inserts(sql`AND ${AMONG} ORDER BY c.position`)
    // The target grows while it is written: no block joins it in vain.
    const updates = changed === 0 ? NO_UPDATE : this.updates(sql`${sameKey} AND ${AMONG}`)
    const missing = this.inspected.acts
      ? statement('merge/list_missing', { classified, target, same_key: sameKey })
      : null
    const rows = await session.rows<RefusedRow>(statement('merge/write_row_by_row'), [
      classified.sql,
      target.sql,
      updates,
      inserts,
      missing,
      mapping.columns.map((column) => column.target),
      `the table did not take the row (${actors.join(', ')})`,
      MOST_REFUSED,
    ])
    if (rows.length > 0) throw new RowsRefused(rows)
  }

  protected override leftOut(what: string): Error {
    return unbalanced(what, this.inspected.actors)
  }
}
