import type { Prepared } from '../aggregate/aggregate.js'
import type { AggregateTable } from '../aggregate/plan.js'
import { completeStorage, indexValues } from '../aggregate/storage.js'
import { withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { fromCatalog, ident, list, sql, statement } from '../db/sql.js'
import { preparedName, preparedTable, stagingTable } from '../ledger/staging.js'
import { countableColumn } from '../mapping/columns.js'
import { addKey } from './key.js'
import { analyze } from './statistics.js'
import type { MergeContext, MergeResult } from './strategy.js'

/**
 * A table that is not there yet: made with its rows in one statement, then given its key. A helper's session prepares
 * what its aggregate keeps meanwhile, index included.
 */
export class NewTable {
  readonly #merging: MergeContext
  readonly #wanted: AggregateTable | undefined
  #preparing: Promise<Prepared | undefined> = Promise.resolve(undefined)

  /** @param wanted the aggregate that it is to have */
  constructor(merging: MergeContext, wanted: AggregateTable | undefined) {
    this.#merging = merging
    this.#wanted = wanted
  }

  async make(): Promise<MergeResult> {
    const { session, target, mapping, helper } = this.#merging
    if (helper) this.#preparing = this.#prepare(helper)
    // Reported by whoever waits for it; until then it must not end the process.
    this.#preparing.catch(() => {})
    const inserted = await this.#fill()
    await session.run(statement('merge/record_table'), [target.sql])
    await addKey(session, target, { columns: mapping.key.map((column) => column.target) })
    return { inserted, updated: 0, unchanged: 0, skipped: 0 }
  }

  /** Its aggregate, where somebody had the time to prepare it. */
  prepared(): Promise<Prepared | undefined> {
    return this.#preparing
  }

  async #fill(): Promise<number> {
    const { session, run, target, mapping, tuning, helper, repeats } = this.#merging
    const { columns, newTable } = mapping
    const values = newTable.map((name) => columns.find((each) => each.target === name)?.value)
    // Casts are worth a second process, where no other session has it.
    const isShared = this.#wanted !== undefined || columns.every(({ stored }) => stored.text)
    if (helper && isShared) await tuning.applyAlone(session)
    const text = statement('merge/make_target', {
      staging: stagingTable(run),
      wins: repeats.wins,
      target,
      columns: list(newTable.map((name) => ident(name))),
      values: list(values.map((value) => value ?? sql`NULL::text`)),
    })
    return withoutLoops(session, () => session.run(text))
  }

  async #prepare(helper: Session): Promise<Prepared | undefined> {
    const { run, mapping, tuning, repeats } = this.#merging
    const wanted = this.#wanted
    const column = wanted && countableColumn(mapping, wanted.column)
    if (!column) return undefined
    return helper.transaction(async () => {
      await tuning.applyAlone(helper)
      const name = preparedName(run)
      // In microseconds, as epochs are where they begin. Any will do for a table that is new.
      const epoch = Date.now() * 1000
      const text = statement('merge/prepare_aggregate', {
        staging: stagingTable(run),
        wins: repeats.wins,
        prepared: preparedTable(run),
        value: column.value,
        epoch: fromCatalog(String(epoch)),
      })
      const groups = await withoutLoops(helper, () => helper.run(text))
      await completeStorage(helper, name)
      await indexValues(helper, name, fromCatalog('hash'))
      await analyze(helper, [preparedTable(run)])
      return { name, groups, epoch }
    })
  }
}
