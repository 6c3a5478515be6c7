import { DasyError } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import { unbalanced } from '../contract/receipt.js'
import { type LookUp, runJoining, runLookingUp, withoutLoops } from '../db/join-plans.js'
import { type Fragment, ident, list, sql, statement } from '../db/sql.js'
import type { Classified } from './classified.js'
import { Recorder } from './recorder.js'
import { deleting } from './references.js'
import { RowsLeftOut } from './refused-rows.js'
import { areBetterLookedUp, isPlain, sameRow, targetRow, wholeRow } from './target-row.js'
import type { WriteContext, Written } from './write.js'

/** Updates nothing; it has the same parameter as an update of a block. */
export const NO_UPDATE = 'SELECT WHERE $1::bigint[] IS NULL'

const BY_PLACE: LookUp = { by: 'place' }

/** Writes classified rows to the user's table, which is locked, and records them as the change set of the run. */
export class ChangeWriter {
  protected readonly context: WriteContext
  protected readonly inspected: Target
  readonly #recorder: Recorder

  constructor(context: WriteContext, target: Target, recorder = new Recorder(context, target)) {
    this.context = context
    this.inspected = target
    this.#recorder = recorder
  }

  /**
   * Deletes first, because other rows may take over what must be unique; inserts last, because they could move the rows whose
   * place is known. Rows that the table would not delete are removed from what is classified.
   * @throws RowsLeftOut, RowsRefused
   */
  async write(set: Classified): Promise<Written> {
    // Triggers, constraints and defaults may run code that deallocates what is prepared.
    this.context.session.stopPreparing()
    await this.#recorder.before(set, this.isOneTransaction)
    try {
      const written = await this.#write(set)
      await this.#recorder.after(set, written)
      return written
    } catch (error) {
      await this.#recorder.stop()
      throw error
    }
  }

  /** Whether it begins no subtransactions. */
  protected get isOneTransaction(): boolean {
    return true
  }

  /** Updates and inserts. */
  protected async change(set: Classified): Promise<void> {
    await this.#update(set)
    await this.#insert(set)
  }

  /** The error if the table did not store some rows: if its triggers or rules may be the cause, row by row is tried next. */
  protected leftOut(what: string): Error {
    const { actors } = this.inspected
    return actors.length === 0 ? unbalanced(what, actors) : new RowsLeftOut(what)
  }

  /** @param which a condition on the classified row `c`, which begins with AND */
  protected inserts(set: Classified, which: Fragment): string {
    const isFixed = set.columns.some(({ target }) => this.#isFixed(target))
    return statement('merge/insert_new', {
      target: this.context.target,
      columns: list(set.columns.map(({ target }) => ident(target))),
      overriding: isFixed ? sql`OVERRIDING SYSTEM VALUE` : sql``,
      values: list(set.columns.map((_, index) => set.value(index))),
      classified: set.table,
      which,
    })
  }

  /** @param sameRow a condition: the row `t` of the table is the one that the classified row `c` changes */
  protected updates(set: Classified, sameRow: Fragment): string {
    const assignments = set.columns.flatMap(({ key, target }, index) =>
      key || this.#isFixed(target) ? [] : [sql`${ident(target)} = ${set.value(index)}`],
    )
    // It has only key columns, so nothing can change.
    if (assignments.length === 0) return NO_UPDATE
    return statement('merge/update_changed', {
      target: this.context.target,
      classified: set.table,
      assignments: list(assignments),
      changed: set.isChanged(),
      same_row: sameRow,
    })
  }

  /** Whether it is GENERATED ALWAYS AS IDENTITY: an INSERT may give its value, an UPDATE may not. (No other generated column has one.) */
  #isFixed(name: string): boolean {
    return this.inspected.columns.some((column) => column.name === name && column.generated)
  }

  async #write(set: Classified): Promise<Written> {
    const early = await this.#deleteEarly(set)
    await this.change(set)
    const deleted = early ?? (await this.#delete(set))
    const same = await this.#verify(set)
    return { inserted: set.inserted, updated: set.counts.changed - same, deleted, same }
  }

  /** @returns undefined if rows still refer to the deleted ones, perhaps those that are updated: then it is tried again after them */
  async #deleteEarly(set: Classified): Promise<number | undefined> {
    const isLocated = isPlain(this.inspected) && this.inspected.actors.length === 0
    try {
      return await this.#delete(set)
    } catch (error) {
      const mayHelp = isLocated && set.counts.changed > 0
      if (mayHelp && error instanceof DasyError && error.code === 'STILL_REFERENCED') return undefined
      throw error
    }
  }

  async #delete(set: Classified): Promise<number> {
    const planned = set.counts.deleted
    if (planned === 0) return 0
    const { session } = this.context
    const deleted = await deleting(session, this.inspected, set, () => this.#deleteRows(set))
    if (this.inspected.actors.length > 0) return planned - (await this.#forgetKept(set))
    if (deleted !== planned)
      throw unbalanced(`${planned} rows were to be deleted, but ${deleted} were deleted`)
    return deleted
  }

  /** Nothing has been written yet, so each is where it was found. */
  #deleteRows(set: Classified): Promise<number> {
    const { target } = this.context
    const text = statement('merge/delete_gone', {
      target,
      classified: set.table,
      same_row: sameRow(this.inspected, set),
    })
    const isLocated = isPlain(this.inspected) || set.hasLocations
    return this.#runOnRows(set.counts.deleted, text, isLocated ? BY_PLACE : { by: 'key', columns: set.key })
  }

  /** Triggers, rules and policies may keep rows, as they are or changed: then these are not deletes. */
  async #forgetKept(set: Classified): Promise<number> {
    const { session, target } = this.context
    const forget = (same: Fragment): Promise<number> =>
      session.run(statement('merge/forget_kept', { classified: set.table, target, same_row: same }))
    return await withoutLoops(session, async () => {
      const unchanged = set.hasLocations ? await forget(sameRow(this.inspected, set)) : 0
      return unchanged + (await forget(set.sameKey()))
    })
  }

  async #insert(set: Classified): Promise<void> {
    if (set.inserted === 0) return
    const inserted = await this.context.session.run(this.inserts(set, sql``))
    if (inserted !== set.inserted)
      throw this.leftOut(`${set.inserted} keys are new, but ${inserted} rows were inserted`)
  }

  async #update(set: Classified): Promise<void> {
    const { changed } = set.counts
    if (changed === 0) return
    // Triggers could have moved the others.
    const isLocated = isPlain(this.inspected) && this.inspected.actors.length === 0
    const updated = isLocated
      ? await this.#runOnRows(changed, this.updates(set, sql`t.ctid = c.place`), BY_PLACE)
      : await this.#runOnRows(changed, this.updates(set, set.sameKey()), { by: 'key', columns: set.key })
    if (updated !== changed) throw this.leftOut(`${changed} rows differ, but ${updated} were updated`)
  }

  /** @param rows how many it changes, each of which is looked up if they are few, or if their place in a single table is known */
  async #runOnRows(rows: number, text: string, lookUp: LookUp): Promise<number> {
    const { session } = this.context
    const isSingle = lookUp.by === 'place' && isPlain(this.inspected)
    const isLookedUp = isSingle || (await areBetterLookedUp(session, this.inspected, rows))
    return isLookedUp ? runLookingUp(session, text, lookUp) : runJoining(session, text)
  }

  /**
   * Compares the written rows with the table, if triggers or rules may have stored something else.
   * @returns how many updated rows are the same as before
   */
  async #verify(set: Classified): Promise<number> {
    const { session, target } = this.context
    const written = set.counts.changed + set.inserted
    if (!this.inspected.acts || written === 0) return 0
    const text = statement('merge/verify', {
      classified: set.table,
      target_row: targetRow(target, set.sameKey(), set.looksUp),
      changed: set.isChanged(),
      row: wholeRow(this.inspected),
      before: set.hasBefore ? sql`c.before` : sql`NULL`,
      written: set.isWritten(),
    })
    const verified = await withoutLoops(session, () => session.row<{ missing: number; same: number }>(text))
    const { missing, same } = verified as { missing: number; same: number }
    if (missing > 0) throw this.leftOut(`${written} rows were written, but ${missing} are not there`)
    return same
  }
}
