import type { Aggregate } from '../aggregate/aggregate.js'
import { applyDifference } from '../aggregate/storage.js'
import { DasyError } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import { unbalanced } from '../contract/receipt.js'
import { displayName } from '../contract/table-name.js'
import { type LookUp, runJoining, runLookingUp } from '../db/join-plans.js'
import { type Fragment, ident, list, sql, statement } from '../db/sql.js'
import { targetList } from '../mapping/columns.js'
import { type Classes, Classification, type Verified } from './classification.js'
import { RowsLeftOut } from './refused-rows.js'
import type { MergeContext, MergedAggregates, MergeResult, MergeStrategy } from './strategy.js'
import type { TableAggregates } from './table-aggregates.js'

/** Updates nothing; it has the same parameter as an update of a block. */
export const NO_UPDATE = 'SELECT WHERE $1::bigint[] IS NULL'

const BY_PLACE: LookUp = { by: 'place' }

const AS_WRITTEN: Verified = { missing: 0, same: 0 }

/** Merges into a table that may have rows: compares every key with it first, then writes only new and changed rows. */
export class Upsert implements MergeStrategy {
  protected readonly context: MergeContext
  protected readonly inspected: Target
  protected readonly classification: Classification
  readonly #aggregates: TableAggregates
  #classes: Classes = { new: 0, changed: 0, moved: [] }

  constructor(context: MergeContext, target: Target, aggregates: TableAggregates) {
    this.context = context
    this.inspected = target
    this.classification = new Classification(context, target, aggregates.computable)
    this.#aggregates = aggregates
  }

  async write(): Promise<MergeResult> {
    const { keys, settings } = this.context
    const { onConflict, existingOnly } = settings.policy
    const classes = await this.classification.make()
    this.#classes = classes
    const existing = keys - classes.new
    if (onConflict === 'error' && existing > 0) throw await this.#keyExists()

    // Triggers of the table may run.
    this.context.session.forgetPlanned()
    await this.writeClasses(classes)
    const { same } = await this.#verify(classes)
    const skipsExisting = onConflict === 'skip'
    return {
      inserted: existingOnly ? 0 : classes.new,
      updated: classes.changed - same,
      unchanged: skipsExisting ? 0 : existing - classes.changed + same,
      skipped: (existingOnly ? classes.new : 0) + (skipsExisting ? existing : 0),
    }
  }

  async target(): Promise<Target> {
    return this.inspected
  }

  async aggregate(): Promise<MergedAggregates> {
    const aggregates = await this.#aggregates.update((aggregate) => this.#applyDifference(aggregate))
    return { aggregates, isAnalyzed: false }
  }

  /** Removes what the classification left in the schema `dasy`. */
  async close(): Promise<void> {
    await this.classification.drop()
  }

  /** Updates first, because inserts could move the rows that the classification found. */
  protected async writeClasses(classes: Classes): Promise<void> {
    await this.#update(classes)
    if (!this.context.settings.policy.existingOnly) await this.#insert(classes)
  }

  /** The error if the table did not store some rows: if its triggers or rules may be the cause, row by row is tried next. */
  protected leftOut(what: string): Error {
    const { actors } = this.inspected
    return actors.length === 0 ? unbalanced(what, actors) : new RowsLeftOut(what)
  }

  /** @param which a condition on the classified record `c`, which begins with AND */
  protected inserts(which: Fragment): string {
    const { target, mapping } = this.context
    const { columns } = mapping
    return statement('merge/insert_new', {
      target,
      columns: list(targetList(columns)),
      values: list(columns.map((_, index) => this.classification.value(index))),
      classified: this.classification.table,
      which,
    })
  }

  /** @param sameRow a condition: the row `t` of the table is the one that the classified record `c` changes */
  protected updates(sameRow: Fragment): string {
    const { target, mapping } = this.context
    const assignments = mapping.columns.flatMap(({ key, target: name }, index) =>
      key ? [] : [sql`${ident(name)} = ${this.classification.value(index)}`],
    )
    // The file has only key columns, so nothing can change.
    if (assignments.length === 0) return NO_UPDATE
    return statement('merge/update_changed', {
      target,
      classified: this.classification.table,
      assignments: list(assignments),
      same_row: sameRow,
    })
  }

  async #applyDifference(aggregate: Aggregate): Promise<void> {
    const { session, settings } = this.context
    const inserted = settings.policy.existingOnly ? 0 : this.#classes.new
    if (inserted === 0 && !this.#classes.moved[this.#aggregates.computable.indexOf(aggregate)]) return
    const changes = statement('merge/difference', {
      classified: this.classification.table,
      value: this.classification.counted(aggregate),
      old: this.classification.old(aggregate),
      written: inserted > 0 ? sql`true` : sql`place IS NOT NULL`,
    })
    const moved = await applyDifference(session, aggregate, changes)
    if (moved !== inserted) {
      throw unbalanced(
        `${inserted} rows were inserted, but the counts of ${aggregate.name} moved by ${moved}`,
      )
    }
  }

  async #insert(classes: Classes): Promise<void> {
    if (classes.new === 0) return
    const inserted = await this.context.session.run(this.inserts(sql``))
    if (inserted !== classes.new)
      throw this.leftOut(`${classes.new} keys are new, but ${inserted} rows were inserted`)
  }

  async #update({ changed }: Classes): Promise<void> {
    if (changed === 0) return
    const updated = await this.#runUpdate(changed)
    if (updated !== changed) throw this.leftOut(`${changed} rows differ, but ${updated} were updated`)
  }

  /** Updates rows by their ctid, or by their key if triggers or partitions could have moved them. */
  async #runUpdate(changed: number): Promise<number> {
    const { session } = this.context
    const { kind, hasChildren, actors } = this.inspected
    if (kind === 'r' && !hasChildren && actors.length === 0)
      return runLookingUp(session, this.updates(sql`t.ctid = c.place`), BY_PLACE)
    const text = this.updates(this.classification.sameKey())
    const isFewer = await this.classification.areFewerThanPages(changed)
    return isFewer ? runLookingUp(session, text, this.classification.byKey) : runJoining(session, text)
  }

  /** Compares the written rows with the table, if triggers or rules may have stored something else. */
  async #verify(classes: Classes): Promise<Verified> {
    const { settings } = this.context
    const { existingOnly } = settings.policy
    const written = classes.changed + (existingOnly ? 0 : classes.new)
    if (!this.inspected.acts || written === 0) return AS_WRITTEN
    const verified = await this.classification.verify(existingOnly ? sql`c.place IS NOT NULL` : sql`true`)
    if (verified.missing > 0)
      throw this.leftOut(`${written} rows were written, but ${verified.missing} are not there`)
    return verified
  }

  async #keyExists(): Promise<DasyError> {
    const { locator, settings, mapping } = this.context
    const { file, line, byte } = await locator.locate(await this.classification.firstExisting())
    const key = mapping.key.map((column) => column.target)
    const table = displayName(settings.table)
    return new DasyError(
      'KEY_EXISTS',
      `${file}, line ${line} (byte ${byte}): this key (${key.join(', ')}) exists in ${table} already`,
      { hint: 'Load with --on-conflict update or skip.', details: { file, line, byte, table } },
    )
  }
}
