import type { Target } from '../catalog/target.js'
import { unbalanced } from '../contract/receipt.js'
import { type LookUp, runJoining, runLookingUp, withoutLoops } from '../db/join-plans.js'
import { type Fragment, ident, list, sql, statement } from '../db/sql.js'
import type { Classified } from './classified.js'
import { Recorder } from './recorder.js'
import { RowsLeftOut } from './refused-rows.js'
import { areFewerThanPages, targetRow, wholeRow } from './target-row.js'
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
    await this.#recorder.before(set, this.isOneTransaction)
    const deleted = await this.#delete(set)
    await this.change(set)
    const same = await this.#verify(set)
    const written = { inserted: set.inserted, updated: set.counts.changed - same, deleted, same }
    await this.#recorder.after(set, written)
    return written
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

  async #delete(set: Classified): Promise<number> {
    const { target } = this.context
    const planned = set.counts.deleted
    if (planned === 0) return 0
    const deletes = (sameRow: Fragment): string =>
      statement('merge/delete_gone', { target, classified: set.table, same_row: sameRow })
    const deleted = await this.#runOnRows(set, planned, deletes)
    if (this.inspected.actors.length > 0) return planned - (await this.#forgetKept(set))
    if (deleted !== planned)
      throw unbalanced(`${planned} rows were to be deleted, but ${deleted} were deleted`)
    return deleted
  }

  /** Triggers, rules and policies may keep rows: then these are not deletes. */
  async #forgetKept(set: Classified): Promise<number> {
    const { session, target } = this.context
    const parts = { classified: set.table, target, same_key: set.sameKey() }
    return await withoutLoops(session, () => session.run(statement('merge/forget_kept', parts)))
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
    const updated = await this.#runOnRows(set, changed, (sameRow) => this.updates(set, sameRow))
    if (updated !== changed) throw this.leftOut(`${changed} rows differ, but ${updated} were updated`)
  }

  /** Finds rows by their ctid, or by their key if triggers or partitions could have moved them. */
  async #runOnRows(set: Classified, rows: number, textFor: (sameRow: Fragment) => string): Promise<number> {
    const { session } = this.context
    const { kind, hasChildren, actors } = this.inspected
    if (kind === 'r' && !hasChildren && actors.length === 0)
      return runLookingUp(session, textFor(sql`t.ctid = c.place`), BY_PLACE)
    const text = textFor(set.sameKey())
    const isFewer = await areFewerThanPages(session, this.inspected, rows)
    return isFewer ? runLookingUp(session, text, { by: 'key', columns: set.key }) : runJoining(session, text)
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
