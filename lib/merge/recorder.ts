import { hasRows, type Target } from '../catalog/target.js'
import { withLookUps, withoutLoops } from '../db/join-plans.js'
import { type Fragment, ident, list, query, sql, statement } from '../db/sql.js'
import type { SetColumns, SetKind } from '../history/change-set.js'
import { ChangedPlaces } from '../history/changed-places.js'
import { withTextSettings } from '../history/value-text.js'
import { type ChangedRows, writeChanges } from '../history/write.js'
import { foundRows, isRecorded, keyName, knownRows, opOf, rowsOf } from './changed-rows.js'
import type { Classified } from './classified.js'
import { FirstLoadRecorder } from './first-load-recorder.js'
import { areBetterLookedUp, isPlain, sameRow, targetRow } from './target-row.js'
import type { WriteContext, Written } from './write.js'

/** Makes the recorder of a table. */
export type RecorderFor = (context: WriteContext, target: Target) => Recorder

/** Stores the change set of a run, in the transaction that makes the changes. */
export class Recorder extends FirstLoadRecorder {
  protected readonly target: Target
  /** The rows before the write and after it, if they are read back. */
  readonly #before: Fragment
  readonly #after: Fragment
  #kind: SetKind = 'none'
  #readsBack = false
  #places: ChangedPlaces | undefined
  #subxids: readonly number[] | undefined
  #mayNest = false

  constructor(context: WriteContext, target: Target) {
    super(context, target)
    this.target = target
    this.#before = ident('dasy', `before_${context.run}`)
    this.#after = ident('dasy', `after_${context.run}`)
  }

  /**
   * Before the write: stores the changes if they are known, and else keeps the rows as they are.
   * @param isOneTransaction whether all rows will have the transaction of this one, and none that of a subtransaction
   */
  async before(set: Classified, isOneTransaction: boolean): Promise<void> {
    if (rowsOf(set) === 0) return
    if (!this.context.keepsHistory && !(await this.isTold())) return
    if (isOneTransaction && (await this.#isFirstLoad(set)) && !(await this.isTold())) {
      this.#kind = 'first_load'
      return
    }
    const columns = await this.columnsOf(set.key)
    this.#mayNest = !isOneTransaction || this.target.actors.length > 0
    this.#readsBack = !isOneTransaction || !this.areKnown(set, columns)
    if (this.#readsBack) await this.#keepRows(set)
    else
      await withLookUps(this.context.session, () =>
        this.#write(set, knownRows(set, this.context.target, columns)),
      )
    await this.#beginPlaces(set)
  }

  /** After the write. */
  async after(set: Classified, { inserted, updated, deleted }: Written): Promise<void> {
    if (inserted + updated + deleted > 0 && this.#readsBack) await this.#readBack(set)
    if (this.#readsBack)
      await this.context.session.run(query`DROP TABLE IF EXISTS ${this.#before}, ${this.#after}`)
    if (inserted + updated + deleted === 0) return await this.stop()
    const counts = { inserted, updated, deleted }
    await this.record(this.#kind, await this.columnsOf(set.key), counts, this.#subxids)
    await this.#places?.keep()
  }

  /** If nothing was written. */
  async stop(): Promise<void> {
    await this.#places?.stop()
  }

  /** The records are looked for while the rows are written. */
  async #beginPlaces({ table }: Classified): Promise<void> {
    const { session, run, locator } = this.context
    if (!locator) return
    this.#places = new ChangedPlaces(session, run, (range) => locator.offsetsOf(range))
    await this.#places.begin(table)
  }

  /** Stores the changes, within the settings of texts. @param about how many they are, or a few more @returns where they are */
  protected async store(rows: ChangedRows, about: number): Promise<SetKind> {
    const { session, run } = this.context
    return (await writeChanges(session, run, rows, about)).kind
  }

  protected async storeTexts(rows: ChangedRows, about: number): Promise<SetKind> {
    return await withTextSettings(this.context.session, () => this.store(rows, about))
  }

  /** Whether a source fills a table without rows, so that they can be told by their transaction. What an undo brings back is copied: it was. */
  async #isFirstLoad(set: Classified): Promise<boolean> {
    if (!this.context.locator) return false
    // If a key was found there are rows. To look for one might mean to read many empty pages first.
    if (set.hasFound || set.counts.changed + set.counts.deleted > 0 || !this.#isPlain) return false
    return !(await hasRows(this.context.session, this.target, this.target))
  }

  get #isPlain(): boolean {
    return isPlain(this.target) && this.target.actors.length === 0
  }

  /** Whether the table will store what is classified, and nothing else. */
  protected areKnown(set: Classified, { others }: SetColumns): boolean {
    if (!this.#isPlain || !set.isTyped) return false
    const given = new Set(set.columns.map(({ target }) => target))
    return set.inserted === 0 || others.every(({ name, filled }) => given.has(name) || !filled)
  }

  async #write(set: Classified, rows: ChangedRows): Promise<void> {
    this.#kind = await this.storeTexts(rows, rowsOf(set))
  }

  async #keepRows(set: Classified): Promise<void> {
    const { session, target } = this.context
    const keys = set.key.map((name, index) => {
      const value = set.value(set.columns.findIndex((column) => column.target === name))
      return sql`${value} AS ${keyName(index)}`
    })
    // Not "t": that is a column, where the table has one of that name. No column is called cmax.
    const row = sql`CAST(t.* AS ${target})`
    const whole = set.looksUp ? sql`t.cmax` : row
    const looked = sql`t.ctid, t.xmin, ${row} AS cmax, t.*`
    const found_in = set.hasLocations ? sql`c.found_in` : sql`NULL::oid`
    const parts = {
      classified: set.table,
      op: opOf(set),
      keys: list(keys),
      recorded: isRecorded(set),
      found_in,
    }
    const byKey = statement('merge/keep_rows', {
      ...parts,
      into: sql`CREATE TABLE ${this.#before} AS`,
      target_row: targetRow(target, set.sameKey(), set.looksUp, looked),
      whole,
      which: set.hasLocations ? sql`c.op <> 'd'` : sql`true`,
    })
    const byPlace = statement('merge/keep_rows', {
      ...parts,
      into: sql`INSERT INTO ${this.#before}`,
      target_row: targetRow(target, sameRow(this.target, set), false),
      whole: row,
      which: sql`c.op = 'd'`,
    })
    await withoutLoops(session, () => session.run(set.hasLocations ? `${byKey};\n${byPlace}` : byKey))
  }

  /** The rows are found again by their key, with the user's settings; then their texts are compared. */
  async #readBack(set: Classified): Promise<void> {
    const { session, target } = this.context
    if (set.hasLocations) {
      const forget = statement('merge/forget_unchanged', { before: this.#before, target })
      await withoutLoops(session, () => session.run(forget))
    }
    const sameKey = list(
      set.key.map((name, index) => sql`t.${ident(name)} = b.${keyName(index)}`),
      ' AND ',
    )
    const text = statement('merge/find_rows', {
      after: this.#after,
      before: this.#before,
      target_row: targetRow(target, sameKey, set.looksUp, sql`t.ctid, t.tableoid, t.*`),
    })
    await withoutLoops(session, () => session.run(text))
    const rows = foundRows(this.#after, target, await this.columnsOf(set.key))
    const isFewer = await areBetterLookedUp(session, this.target, rowsOf(set))
    await (isFewer ? withLookUps : withoutLoops)(session, async () => {
      this.#subxids = await this.#subtransactions()
      await this.#write(set, rows)
    })
  }

  /** Row by row, and in blocks of triggers that catch errors, rows are written by subtransactions: these are in xmin. */
  async #subtransactions(): Promise<number[] | undefined> {
    if (!this.#mayNest) return undefined
    const { session, target } = this.context
    const text = statement('merge/subtransactions', { after: this.#after, target })
    const rows = await session.rows<{ xid: number }>(text)
    return rows.length > 0 ? rows.map(({ xid }) => xid) : undefined
  }
}
