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
import { RowsLeftOut, writeRowByRow } from './row-by-row.js'
import type { MergeContext, MergeResult, MergeStrategy } from './strategy.js'

/** The rows of one block, when they are written block by block. */
const AMONG = sql`c.position = ANY ($1)`

/** Takes the block as well. */
const NO_UPDATE = 'SELECT WHERE $1::bigint[] IS NULL'

const BY_PLACE: LookUp = { by: 'place' }

const AS_WRITTEN: Verified = { missing: 0, same: 0 }

/**
 * Into a table that may hold rows: compares every key with it first, then writes only what is new or changed.
 */
export class Upsert implements MergeStrategy {
  readonly recounts = false
  readonly #merging: MergeContext
  readonly #target: Target
  readonly #classification: Classification
  #classes: Classes = { new: 0, changed: 0, moved: [] }
  readonly #aggregates: readonly Aggregate[]

  /** @param aggregates those whose difference is asked for afterwards */
  constructor(merging: MergeContext, target: Target, aggregates: readonly Aggregate[]) {
    this.#merging = merging
    this.#target = target
    this.#aggregates = aggregates
    this.#classification = new Classification(merging, target, aggregates)
  }

  async apply(): Promise<MergeResult> {
    const { keys, settings, careful } = this.#merging
    const { onConflict, existingOnly } = settings
    const classes = await this.#classification.make()
    this.#classes = classes
    const existing = keys - classes.new
    if (onConflict === 'error' && existing > 0) throw await this.#keyExists()

    // Updates first, so that nothing has moved the rows since they were looked up.
    if (careful) await this.#writeCarefully(classes)
    else {
      await this.#update(classes)
      if (!existingOnly) await this.#insert(classes)
    }
    const { same } = await this.#verify(classes)
    const skipsExisting = onConflict === 'skip'
    return {
      inserted: existingOnly ? 0 : classes.new,
      updated: classes.changed - same,
      unchanged: skipsExisting ? 0 : existing - classes.changed + same,
      skipped: (existingOnly ? classes.new : 0) + (skipsExisting ? existing : 0),
    }
  }

  async aggregate(aggregate: Aggregate): Promise<void> {
    const { session, settings } = this.#merging
    const inserted = settings.existingOnly ? 0 : this.#classes.new
    if (inserted === 0 && !this.#classes.moved[this.#aggregates.indexOf(aggregate)]) return
    const changes = statement('merge/difference', {
      classified: this.#classification.table,
      value: this.#classification.counted(aggregate),
      old: this.#classification.old(aggregate),
      written: inserted > 0 ? sql`true` : sql`place IS NOT NULL`,
    })
    const moved = await applyDifference(session, aggregate, changes)
    if (moved !== inserted) {
      throw unbalanced(
        `${inserted} rows were inserted, but the counts of ${aggregate.name} moved by ${moved}`,
      )
    }
  }

  /** Removes what the classification left in the schema `dasy`. */
  async close(): Promise<void> {
    await this.#classification.drop()
  }

  async #insert(classes: Classes): Promise<void> {
    if (classes.new === 0) return
    const inserted = await this.#merging.session.run(this.#inserts(sql``))
    if (inserted !== classes.new)
      throw this.#leftOut(`${classes.new} keys are new, but ${inserted} rows were inserted`)
  }

  async #update({ changed }: Classes): Promise<void> {
    if (changed === 0) return
    const updated = await this.#runUpdate(changed)
    if (updated !== changed) throw this.#leftOut(`${changed} rows differ, but ${updated} were updated`)
  }

  /** Where they were found, unless something could have moved them since. */
  async #runUpdate(changed: number): Promise<number> {
    const { session } = this.#merging
    const { kind, hasChildren, actors } = this.#target
    if (kind === 'r' && !hasChildren && actors.length === 0)
      return runLookingUp(session, this.#updates(sql`t.ctid = c.place`), BY_PLACE)
    const text = this.#updates(this.#classification.sameKey())
    const isFewer = await this.#classification.isFewer(changed)
    return isFewer ? runLookingUp(session, text, this.#classification.byKey) : runJoining(session, text)
  }

  /** In blocks, in the order of the file. @throws RowsRefused that tells the rows which cannot be written */
  async #writeCarefully({ new: added, changed }: Classes): Promise<void> {
    const { session, target, mapping, settings } = this.#merging
    const { table: classified } = this.#classification
    if (added + changed === 0) return
    await writeRowByRow(session, {
      classified,
      target,
      updates: this.#updates(sql`${this.#classification.sameKey()} AND ${AMONG}`),
      inserts: settings.existingOnly ? undefined : this.#inserts(sql`AND ${AMONG} ORDER BY c.position`),
      missing: this.#target.acts
        ? statement('merge/list_missing', {
            classified,
            target,
            same_key: this.#classification.sameKey(),
          })
        : undefined,
      columns: mapping.columns.map((column) => column.target),
      actors: this.#target.actors,
    })
  }

  /** What the table made of it, where it may make anything else of it. */
  async #verify(classes: Classes): Promise<Verified> {
    const { settings } = this.#merging
    const written = classes.changed + (settings.existingOnly ? 0 : classes.new)
    if (!this.#target.acts || written === 0) return AS_WRITTEN
    const verified = await this.#classification.verify(
      settings.existingOnly ? sql`c.place IS NOT NULL` : sql`true`,
    )
    if (verified.missing > 0)
      throw this.#leftOut(`${written} rows were written, but ${verified.missing} are not there`)
    return verified
  }

  /** What the table did not take is found by writing carefully, if that is not what was done. */
  #leftOut(what: string): Error {
    const { actors } = this.#target
    return actors.length === 0 || this.#merging.careful ? unbalanced(what, actors) : new RowsLeftOut(what)
  }

  /** @param which of the new rows, as a condition on `c` that follows another */
  #inserts(which: Fragment): string {
    const { target, mapping } = this.#merging
    const { columns } = mapping
    return statement('merge/insert_new', {
      target,
      columns: list(targetList(columns)),
      values: list(columns.map((_, index) => this.#classification.value(index))),
      classified: this.#classification.table,
      which,
    })
  }

  /** @param sameRow which row `t` of the table a changed one `c` is */
  #updates(sameRow: Fragment): string {
    const { target, mapping } = this.#merging
    const assignments = mapping.columns.flatMap(({ key, target: name }, index) =>
      key ? [] : [sql`${ident(name)} = ${this.#classification.value(index)}`],
    )
    // Only a key, and nothing that could change.
    if (assignments.length === 0) return NO_UPDATE
    return statement('merge/update_changed', {
      target,
      classified: this.#classification.table,
      assignments: list(assignments),
      same_row: sameRow,
    })
  }

  async #keyExists(): Promise<DasyError> {
    const { locator, settings, mapping } = this.#merging
    const { file, line, byte } = await locator.locate(await this.#classification.firstExisting())
    const key = mapping.key.map((column) => column.target)
    const table = displayName(settings.table)
    return new DasyError(
      'KEY_EXISTS',
      `${file}, line ${line} (byte ${byte}): this key (${key.join(', ')}) exists in ${table} already`,
      { hint: 'Load with --on-conflict update or skip.', details: { file, line, byte, table } },
    )
  }
}
