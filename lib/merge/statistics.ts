import type { Aggregate } from '../aggregate/aggregate.js'
import { kinds } from '../aggregate/kinds.js'
import type { FoundTable } from '../catalog/target.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, list, statement } from '../db/sql.js'
import type { MergeResult } from './strategy.js'

/**
 * Runs ANALYZE on the table and its aggregates after a large change, so that the first query is planned well, and not
 * only those after autovacuum has analyzed them. Small changes and VACUUM are left to autovacuum.
 */
export class Statistics {
  readonly #session: Session
  readonly #target: FoundTable
  #stale = false

  constructor(session: Session, target: FoundTable) {
    this.#session = session
    this.#target = target
  }

  /** Called when the rows are written. */
  async refresh({ inserted, updated, deleted }: MergeResult): Promise<void> {
    const { oid, schema, name } = this.#target
    const row = await this.#session.row<{ stale: boolean }>(statement('merge/is_stale'), [
      oid,
      inserted + updated + deleted,
    ])
    this.#stale = row?.stale ?? false
    await this.#analyze([ident(schema, name)])
  }

  /** The same for its aggregates. */
  async refreshAggregates(aggregates: readonly Aggregate[]): Promise<void> {
    await this.#analyze(aggregates.map((each) => kinds[each.kind].contents(each).relation))
  }

  async #analyze(relations: readonly Fragment[]): Promise<void> {
    if (this.#stale && relations.length > 0) await analyze(this.#session, relations)
  }
}

/** In a savepoint, because ANALYZE runs the functions of indexes: their errors must not fail the publishing transaction. */
export async function analyze(session: Session, relations: readonly Fragment[]): Promise<void> {
  const text = statement('merge/analyze', { relations: list(relations) })
  await session.savepoint(() => session.run(text)).catch(() => {})
}
