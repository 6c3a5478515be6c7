import type { Aggregate } from '../aggregate/aggregate.js'
import { count } from '../base/count.js'
import { currentSchema } from '../catalog/direct-path.js'
import { makeSchema } from '../catalog/schema.js'
import {
  type FoundTable,
  findTable,
  nameFragment,
  recordTable,
  requireTarget,
  type Target,
} from '../catalog/target.js'
import { unbalanced } from '../contract/receipt.js'
import { withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { ident, list, number, query, sql, statement } from '../db/sql.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import { stagingTable } from '../ledger/staging.js'
import { FirstLoadRecorder } from './first-load-recorder.js'
import { addKey, type PlainKey } from './key.js'
import { requireSameMapping } from './mapping-changed.js'
import { NewTableAggregates } from './new-table-aggregates.js'
import type { RecorderFor } from './recorder.js'
import { StagingAsTable, type TablePlace } from './staging-as-table.js'
import {
  type MergeContext,
  type MergedAggregates,
  type MergeResult,
  type MergeStrategy,
  mergeContext,
} from './strategy.js'

/** Creates a table, with its rows in one statement, then adds its key: one that does not exist, or one that was dropped. */
export class NewTable implements MergeStrategy {
  readonly #context: MergeContext
  readonly #aggregates: NewTableAggregates
  readonly #key: PlainKey
  readonly #recorderFor: RecorderFor | undefined
  readonly #replaced: TablePlace | undefined
  #inserted = 0
  #created: Promise<FoundTable> | undefined
  /** Whether rows were written before, by the transactions of the ranges. */
  #wasStaged = false

  private constructor(
    context: MergeContext,
    aggregates: NewTableAggregates,
    key: PlainKey,
    recorderFor?: RecorderFor,
    replaced?: TablePlace,
  ) {
    this.#context = context
    this.#aggregates = aggregates
    this.#key = key
    this.#recorderFor = recorderFor
    this.#replaced = replaced
  }

  /** @throws MappingChanged, DasyError NAME_TAKEN before a row is written */
  static async begin(context: RunContext, judged: Judged, recorderFor?: RecorderFor): Promise<NewTable> {
    const { session, settings } = context
    await makeSchema(session, settings.table)
    const mapping = requireSameMapping(judged, undefined)
    const merging = mergeContext(context, judged, mapping, nameFragment(settings.table))
    const key = { columns: mapping.key.map((column) => column.target) }
    return new NewTable(merging, await NewTableAggregates.begin(merging), key, recorderFor)
  }

  /**
   * Creates a table again that `dropAsMade` dropped.
   * @param dropped the table, with its key and its aggregate
   */
  static again(context: MergeContext, dropped: Target, key: PlainKey, aggregate: Aggregate): NewTable {
    const added = context.mapping.columns.filter((column) => column.added)
    const newTable = [...dropped.columns.map(({ name }) => name), ...added.map((column) => column.target)]
    const merging = { ...context, mapping: { ...context.mapping, newTable } }
    return new NewTable(merging, NewTableAggregates.replacing(merging, aggregate), key, undefined, dropped)
  }

  async write(): Promise<MergeResult> {
    const { session, target, second } = this.#context
    const other = await second.session
    const staged = await this.#stagedAsTable(other)
    if (staged) {
      this.#inserted = await this.#becomeTable(staged, other)
      await recordTable(session, target)
    } else {
      this.#inserted = await this.#fill(other)
      await recordTable(session, target)
      await addKey(session, target, this.#key)
    }
    return { inserted: this.#inserted, updated: 0, deleted: 0, unchanged: 0, skipped: 0 }
  }

  /** Its name is enough: what else there is to know of it is known from its creation. */
  target(): Promise<FoundTable> {
    this.#created ??= findTable(this.#context.session, this.#context.settings.table) as Promise<FoundTable>
    return this.#created
  }

  async aggregate(): Promise<MergedAggregates> {
    const columns = this.#context.mapping.newTable.map((name) => ({ name }))
    const created = await this.#aggregates.create({ ...(await this.target()), columns })
    return { ...created, total: this.#inserted }
  }

  async close(): Promise<void> {
    const { session, settings } = this.#context
    // What else there is to know of a table takes longer to ask than a small load to write.
    const recorder = this.#recorderFor
      ? this.#recorderFor(this.#context, await requireTarget(session, settings.table))
      : new FirstLoadRecorder(this.#context, await this.target())
    const writers = this.#wasStaged ? await this.#writers() : undefined
    await recorder.firstLoad(this.#key.columns, this.#inserted, writers)
  }

  /** The transactions that wrote the rows. */
  async #writers(): Promise<number[]> {
    const { session, run, target, known } = this.#context
    const text = known.direct?.isSalvaged
      ? query`SELECT DISTINCT xmin::text::bigint AS xid FROM ${target}`
      : query`SELECT xmin::text::bigint AS xid FROM dasy.ranges WHERE run = ${number(run)}`
    return (await session.rows<{ xid: number }>(text)).map(({ xid }) => xid)
  }

  /** What makes the table of the staging table, if that is possible. */
  async #stagedAsTable(second: Session | undefined): Promise<StagingAsTable | undefined> {
    const { session, run, known, mapping } = this.#context
    if (!known.direct) return undefined
    const staged = new StagingAsTable(session, run, known.direct, await this.#place(), this.#key)
    const own = [session, ...(second ? [second] : [])].map(({ backend }) => backend)
    return (await staged.isPossible(mapping.newTable, own)) ? staged : undefined
  }

  async #place(): Promise<TablePlace> {
    const { session, settings } = this.#context
    const { schema, name } = settings.table
    return this.#replaced ?? { schema: schema ?? (await currentSchema(session)), name }
  }

  async #becomeTable(staged: StagingAsTable, second: Session | undefined): Promise<number> {
    const { session, tuning, winners } = this.#context
    if (this.#aggregates.arePrepared) await tuning.applyAlone(session)
    await staged.reserve()
    const indexed = staged.addIndex()
    if (second) this.#aggregates.prepare(second)
    const rows = await indexed
    // PostgreSQL keeps the number with 24 bits.
    if (rows !== Math.fround(winners.count))
      throw unbalanced(`${count(winners.count)} records were staged, but the table has ${count(rows)} rows`)
    await this.#aggregates.prepared
    await staged.replace()
    this.#wasStaged = true
    return winners.count
  }

  async #fill(second: Session | undefined): Promise<number> {
    const { session, run, target, mapping, tuning, winners } = this.#context
    const { columns, newTable } = mapping
    const values = newTable.map((name) => columns.find((each) => each.target === name)?.value)
    // A parallel worker of the server speeds up casts, unless the second session needs the other processor.
    const isBusy = this.#aggregates.arePrepared || columns.every(({ stored }) => stored.text)
    if (second) this.#aggregates.prepare(second)
    if (second && isBusy) await tuning.applyAlone(session)
    const text = statement('merge/make_target', {
      staging: stagingTable(run),
      wins: winners.wins,
      target,
      columns: list(newTable.map((name) => ident(name))),
      values: list(values.map((value) => value ?? sql`NULL::text`)),
    })
    return withoutLoops(session, () => session.run(text))
  }
}
