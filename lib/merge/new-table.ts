import type { Prepared } from '../aggregate/aggregate.js'
import { freeName } from '../aggregate/names.js'
import { type AggregateTable, productsAggregate } from '../aggregate/plan.js'
import { addProductsAggregate } from '../aggregate/products.js'
import { liveAggregates, repairAggregates } from '../aggregate/repair.js'
import { ensureAggregates } from '../aggregate/request.js'
import { completeStorage, indexValues } from '../aggregate/storage.js'
import { makeSchema } from '../catalog/schema.js'
import { nameFragment, recordTable, requireTarget, type Target } from '../catalog/target.js'
import { withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { fromCatalog, ident, list, sql, statement } from '../db/sql.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import { preparedName, preparedTable, stagingTable } from '../ledger/staging.js'
import { countableColumn } from '../mapping/columns.js'
import { addKey } from './key.js'
import { requireSameMapping } from './mapping-changed.js'
import { analyze } from './statistics.js'
import {
  type MergeContext,
  type MergedAggregates,
  type MergeResult,
  type MergeStrategy,
  mergeContext,
} from './strategy.js'

/**
 * A table that does not exist: made with its rows in one statement, then given its key. The second session prepares
 * the storage of its aggregate meanwhile, index included.
 */
export class NewTable implements MergeStrategy {
  readonly #context: MergeContext
  readonly #wanted: AggregateTable | undefined
  #preparing: Promise<Prepared | undefined> = Promise.resolve(undefined)
  #inserted = 0

  private constructor(context: MergeContext, wanted: AggregateTable | undefined) {
    this.#context = context
    this.#wanted = wanted
  }

  /** @throws MappingChanged, DasyError NAME_TAKEN before a row is written */
  static async begin(context: RunContext, judged: Judged): Promise<NewTable> {
    const { session, settings, events } = context
    await makeSchema(session, settings.table)
    const mapping = requireSameMapping(judged, undefined)
    const { schema, name } = settings.table
    const wanted = productsAggregate(name, mapping.newTable)
    if (wanted) {
      const claim = { table: name, column: wanted.column, note: events.note }
      await freeName(session, { schema, name: wanted.name }, claim)
    }
    return new NewTable(mergeContext(context, judged, mapping, nameFragment(settings.table)), wanted)
  }

  async write(): Promise<MergeResult> {
    const { session, target, mapping, second } = this.#context
    const other = await second.session
    if (other) this.#preparing = this.#prepare(other)
    // `aggregate` reports its error; until then an unhandled rejection must not end the process.
    this.#preparing.catch(() => {})
    this.#inserted = await this.#fill(other !== undefined)
    await recordTable(session, target)
    await addKey(session, target, { columns: mapping.key.map((column) => column.target) })
    return { inserted: this.#inserted, updated: 0, unchanged: 0, skipped: 0 }
  }

  target(): Promise<Target> {
    return requireTarget(this.#context.session, this.#context.settings.table)
  }

  async aggregate(): Promise<MergedAggregates> {
    const { session, settings, events } = this.#context
    const target = await this.target()
    const prepared = await this.#preparing
    await addProductsAggregate(session, target, events.note, prepared)
    await ensureAggregates(session, target, settings.policy.aggregates, events.note)
    await repairAggregates(session, target.oid, events.note)
    const { followed } = await liveAggregates(session, target.oid)
    return { aggregates: followed, total: this.#inserted, isAnalyzed: prepared !== undefined }
  }

  async close(): Promise<void> {}

  async #fill(hasSecondSession: boolean): Promise<number> {
    const { session, run, target, mapping, tuning, duplicateKeys } = this.#context
    const { columns, newTable } = mapping
    const values = newTable.map((name) => columns.find((each) => each.target === name)?.value)
    // Casts are worth a second process of the server, unless the second session has the other processor.
    const isBusy = this.#wanted !== undefined || columns.every(({ stored }) => stored.text)
    if (hasSecondSession && isBusy) await tuning.applyAlone(session)
    const text = statement('merge/make_target', {
      staging: stagingTable(run),
      wins: duplicateKeys.wins,
      target,
      columns: list(newTable.map((name) => ident(name))),
      values: list(values.map((value) => value ?? sql`NULL::text`)),
    })
    return withoutLoops(session, () => session.run(text))
  }

  async #prepare(session: Session): Promise<Prepared | undefined> {
    const { run, mapping, tuning, duplicateKeys } = this.#context
    const wanted = this.#wanted
    const column = wanted && countableColumn(mapping, wanted.column)
    if (!column) return undefined
    return session.transaction(async () => {
      await tuning.applyAlone(session)
      const name = preparedName(run)
      // In microseconds, the unit of epochs. A table that is new has no earlier one.
      const epoch = Date.now() * 1000
      const text = statement('merge/prepare_aggregate', {
        staging: stagingTable(run),
        wins: duplicateKeys.wins,
        prepared: preparedTable(run),
        value: column.value,
        epoch: fromCatalog(String(epoch)),
      })
      const groups = await withoutLoops(session, () => session.run(text))
      await completeStorage(session, name)
      await indexValues(session, name, fromCatalog('hash'))
      await analyze(session, [preparedTable(run)])
      return { name, groups, epoch }
    })
  }
}
