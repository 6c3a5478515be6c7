import { unbalanced } from '../contract/receipt.js'
import { ident, query, sql, statement } from '../db/sql.js'
import { ChangeWriter, NO_UPDATE } from './change-writer.js'
import type { Classified } from './classified.js'
import { type RefusedRow, RowsRefused } from './refused-rows.js'
import { analyze } from './statistics.js'

/** How many refused rows one publication reports, which limits the memory. The next one reports further rows. */
const MOST_REFUSED = 100_000

/** The rows of one block. */
const AMONG = sql`c.position = ANY ($1)`

/**
 * Writes after a statement for all rows has failed: blocks of rows in the order of the file, and smaller blocks if the
 * table refuses one, until each refused row is found. (A delete that fails fails the run.)
 */
export class RowByRowWriter extends ChangeWriter {
  /** @throws RowsRefused with the rows that cannot be written */
  protected override async change(set: Classified): Promise<void> {
    const { session, target } = this.context
    const { actors } = this.inspected
    if (set.counts.new + set.counts.changed === 0) return
    await session.run(query`CREATE INDEX ON ${set.table} (position); ANALYZE ${set.table}`)
    // Each block is planned by itself, with the statistics of the table.
    await analyze(session, [target])
    const sameKey = set.sameKey()
    const inserts = set.insertsNew ? this.inserts(set, sql`AND ${AMONG} ORDER BY c.position`) : null
    // The target grows while it is written: no block joins it in vain.
    const updates = set.counts.changed === 0 ? NO_UPDATE : this.updates(set, sql`${sameKey} AND ${AMONG}`)
    const missing = this.inspected.acts
      ? statement('merge/list_missing', { classified: set.table, target, same_key: sameKey })
      : null
    const rows = await this.#withoutDeletes(set, (classified) =>
      session.rows<RefusedRow>(statement('merge/write_row_by_row'), [
        classified,
        target.sql,
        updates,
        inserts,
        missing,
        set.columns.map((column) => column.target),
        `the table did not take the row (${actors.join(', ')})`,
        MOST_REFUSED,
      ]),
    )
    if (rows.length > 0) throw new RowsRefused(rows)
  }

  protected override get isOneTransaction(): boolean {
    return false
  }

  protected override leftOut(what: string): Error {
    return unbalanced(what, this.inspected.actors)
  }

  /** @param work with the name of a relation that lists the rows to write */
  async #withoutDeletes<Result>(
    set: Classified,
    work: (classified: string) => Promise<Result>,
  ): Promise<Result> {
    if (!set.hasDeletes) return await work(set.table.sql)
    const { session, run } = this.context
    const view = ident('dasy', `written_${run}`)
    await session.run(query`CREATE VIEW ${view} AS SELECT * FROM ${set.table} WHERE op <> 'd'`)
    const result = await work(view.sql)
    await session.run(query`DROP VIEW ${view}`)
    return result
  }
}
