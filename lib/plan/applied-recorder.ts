import { count } from '../base/count.js'
import { hasRows, type Target } from '../catalog/target.js'
import type { Operation } from '../contract/change.js'
import { number, query, sql, statement } from '../db/sql.js'
import { type ChangeSet, changesTable, type SetColumns } from '../history/change-set.js'
import { forgetPlan } from '../history/prune.js'
import type { Classified } from '../merge/classified.js'
import { Recorder } from '../merge/recorder.js'
import type { WriteContext, Written } from '../merge/write.js'
import { KnownChanges, parseDigest } from './known-changes.js'
import { stale, staleKeys } from './stale.js'

/** A plan that is applied. */
export interface AppliedPlan {
  readonly set: ChangeSet
  /** The name of its table. */
  readonly table: string
  /** How many distinct keys its records have. */
  readonly keys: number
  /** Whether somebody made the table since. */
  readonly isMadeSince: boolean
}

const OPERATIONS: Readonly<Record<string, Operation>> = { i: 'insert', u: 'update', d: 'delete' }

/**
 * Compares what is about to be written with a plan, under the lock of the table. What the plan has stored becomes the history of
 * the run, so that it is not written twice.
 */
export class AppliedRecorder extends Recorder {
  readonly #plan: AppliedPlan
  #isKept = false

  constructor(context: WriteContext, target: Target, plan: AppliedPlan) {
    super(context, target)
    this.#plan = plan
  }

  /** @throws DasyError PLAN_STALE */
  override async before(set: Classified, isOneTransaction: boolean): Promise<void> {
    const { session, run } = this.context
    const { digest } = this.#plan.set
    if (digest === null) await this.#requireSameInserts(set)
    else this.#isKept = await this.#isAsStored(set, digest)
    if (this.#isKept) return
    await forgetPlan(session, run, true)
    await super.before(set, isOneTransaction)
  }

  override async after(set: Classified, written: Written): Promise<void> {
    if (!this.#isKept) return await super.after(set, written)
    const { inserted, updated, deleted } = written
    // The head of the plan makes way for that of the set.
    await this.context.session.run(query`DELETE FROM dasy.change_sets WHERE run = $1`, [this.context.run])
    if (inserted + updated + deleted > 0)
      await this.record(this.#plan.set.kind, await this.columnsOf(set.key), { inserted, updated, deleted })
  }

  /**
   * Of a plan for a table without rows. Rows with other keys that it has now do not change what the plan does, unless it would now
   * delete them.
   */
  async #requireSameInserts(set: Classified): Promise<void> {
    const { run, session } = this.context
    const { table, keys, isMadeSince } = this.#plan
    const { schema, name } = this.target
    if (!isMadeSince && !(await hasRows(session, { schema, name }, this.target))) return
    const there = keys - set.counts.new
    if (!isMadeSince && there === 0 && set.counts.deleted === 0) return
    const what = isMadeSince ? `there is a table ${table} now` : `${table} has rows now`
    throw stale(run, `${what}, with ${count(there)} of its ${count(keys)} keys`, { table, differ: there })
  }

  /** @returns whether the stored changes are those that are about to be made, to the same versions of rows */
  async #isAsStored(set: Classified, stored: string): Promise<boolean> {
    const { run, target, keepsHistory } = this.context
    const columns = await this.columnsOf(set.key)
    this.#requireSameColumns(columns)
    const planned = parseDigest(stored)
    const known = new KnownChanges(this.context, set, this.target, target, columns)
    const { content, versions } = await known.digest()
    if (content !== planned.content)
      throw staleKeys(run, this.#plan.table, await this.#differing(known, planned.isKnown))
    return keepsHistory && planned.isKnown && versions === planned.versions && this.areKnown(set, columns)
  }

  #requireSameColumns({ key, others }: SetColumns): void {
    const { set, table } = this.#plan
    const described = (names: readonly string[], types: readonly string[]) =>
      names.map((name, index) => `${name} ${types[index]}`)
    const before = [...described(set.key, set.key_types), ...described(set.columns, set.types)]
    const now = [...key, ...others].map(({ name, type }) => `${name} ${type}`)
    const gone = before.filter((each) => !now.includes(each))
    const added = now.filter((each) => !before.includes(each))
    if (gone.length + added.length === 0) return
    const how = [...gone.map((each) => `no ${each}`), ...added.map((each) => `new ${each}`)].join(', ')
    throw stale(this.context.run, `${table} was altered (${how})`, { table, gone, added })
  }

  async #differing(known: KnownChanges, comparesValues: boolean) {
    const { session, run } = this.context
    const text = statement('plan/differing_keys', {
      planned: changesTable(this.#plan.set),
      run: number(run),
      fresh: known.select,
      // What the table made of the values cannot be compared with what is written.
      differs: comparesValues
        ? sql`ROW(planned.old, planned.new) IS DISTINCT FROM ROW(fresh.old, fresh.new)`
        : sql`false`,
    })
    const rows = await known.query(() =>
      session.rows<{ planned: string | null; now: string | null; keys: number }>(text),
    )
    return rows.map(({ planned, now, keys }) => ({
      planned: planned === null ? null : (OPERATIONS[planned] as Operation),
      now: now === null ? null : (OPERATIONS[now] as Operation),
      keys,
    }))
  }
}
