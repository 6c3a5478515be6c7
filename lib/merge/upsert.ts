import type { Aggregate } from '../aggregate/aggregate.js'
import { settle } from '../aggregate/live.js'
import { type Fragment, ident, list, sql, statement } from '../db/sql.js'
import { DasyError } from '../errors.js'
import { stagingTable } from '../load/staging.js'
import { unbalanced } from '../receipt.js'
import { displayName } from '../table-name.js'
import { writeCarefully } from './careful.js'
import { type Column, targetList } from './columns.js'
import type { Merged, MergeWay, Merging } from './way.js'

/** Keys by what becomes of them; all others stay as they are. */
interface Classes {
  readonly new: number
  readonly changed: number
  /** For each aggregate, whether updates change a value that it counts. */
  readonly moved: readonly boolean[]
}

/** The rows of one block, when they are written block by block. */
const AMONG = sql`c.position = ANY ($1)`

/** Takes the block as well. */
const NO_UPDATE = 'SELECT WHERE $1::bigint[] IS NULL'

const NOTHING: Classes = { new: 0, changed: 0, moved: [] }

/**
 * Into a table that may hold rows: compares every key with it first, then writes only what is new or changed.
 */
export class Upsert implements MergeWay {
  readonly recounts = false
  readonly #merging: Merging
  readonly #classified: Fragment
  readonly #aggregates: readonly Aggregate[]
  readonly #isInPlace: boolean
  #classes: Classes = NOTHING

  /**
   * @param aggregates those whose difference is asked for afterwards
   * @param isInPlace whether a row is where it was found until it is updated: a plain table without row triggers
   */
  constructor(merging: Merging, aggregates: readonly Aggregate[], isInPlace: boolean) {
    this.#merging = merging
    this.#isInPlace = isInPlace
    this.#classified = ident('dasy', `classified_${merging.run}`)
    this.#aggregates = aggregates
  }

  async apply(): Promise<Merged> {
    const { keys, settings } = this.#merging
    const { onConflict, existingOnly } = settings
    const classes = await this.#classify()
    this.#classes = classes
    const existing = keys - classes.new
    if (onConflict === 'error' && existing > 0) throw await this.#keyExists()

    // Updates first, so that nothing has moved the rows since they were looked up.
    const { updated, inserted } = this.#merging.careful
      ? await this.#writeCarefully(classes)
      : { updated: await this.#update(classes), inserted: existingOnly ? 0 : await this.#insert(classes) }
    const skipsExisting = onConflict === 'skip'
    return {
      inserted,
      updated,
      unchanged: skipsExisting ? 0 : existing - classes.changed,
      skipped: (existingOnly ? classes.new : 0) + (skipsExisting ? existing : 0),
    }
  }

  async aggregate(aggregate: Aggregate): Promise<void> {
    const { session, settings } = this.#merging
    const inserted = settings.existingOnly ? 0 : this.#classes.new
    const index = this.#aggregates.indexOf(aggregate)
    if (inserted === 0 && !this.#classes.moved[index]) return
    const changes = statement('merge/difference', {
      classified: this.#classified,
      value: this.#counted(aggregate),
      old: oldName(index),
      written: inserted > 0 ? sql`true` : sql`place IS NOT NULL`,
    })
    const moved = await settle(session, aggregate, changes)
    if (moved !== inserted) {
      throw unbalanced(
        `${inserted} rows were inserted, but the counts of ${aggregate.name} moved by ${moved}`,
      )
    }
  }

  /** Removes what the classification left in the schema `dasy`. */
  async close(): Promise<void> {
    await this.#merging.session.run(statement('merge/drop_classified', { classified: this.#classified }))
  }

  async #classify(): Promise<Classes> {
    const { session, run, target, mapping, repeats, settings } = this.#merging
    const { columns } = mapping
    const values = columns.map(({ value }, index) => sql`${value} AS ${valueName(index)}`)
    const old = this.#aggregates.map(({ column }, index) => sql`t.${ident(column)} AS ${oldName(index)}`)
    const found = await session.run(
      statement('merge/classify', {
        classified: this.#classified,
        staging: stagingTable(run),
        target,
        wins: repeats.wins,
        same_as_target: this.#sameAsTarget(),
        differs: settings.onConflict === 'update' ? differs(columns) : sql`false`,
        values: list([...values, ...old]),
      }),
    )
    if (found === 0) return NOTHING
    const moved = this.#aggregates.map(
      (aggregate, index) =>
        sql`coalesce(bool_or(place IS NOT NULL AND pg_catalog.record_image_ne(ROW(${this.#counted(aggregate)}), ROW(${oldName(index)}))), false)`,
    )
    const classes = await session.row<Classes>(
      statement('merge/count_classes', { classified: this.#classified, moved: list(moved) }),
    )
    return classes as Classes
  }

  /** The value to be, of the column that an aggregate counts. */
  #counted({ column: name }: Aggregate): Fragment {
    return valueName(this.#merging.mapping.columns.findIndex(({ target }) => target === name))
  }

  /** A staged record `s` and a row `t` of the table have the same key. */
  #sameAsTarget(): Fragment {
    return list(
      this.#merging.mapping.key.map(({ target, value }) => sql`t.${ident(target)} = ${value}`),
      ' AND ',
    )
  }

  async #insert(classes: Classes): Promise<number> {
    if (classes.new === 0) return 0
    const inserted = await this.#merging.session.run(this.#inserts(sql``))
    if (inserted !== classes.new)
      throw unbalanced(`${classes.new} keys are new, but ${inserted} rows were inserted`)
    return inserted
  }

  async #update(classes: Classes): Promise<number> {
    if (classes.changed === 0) return 0
    const { session } = this.#merging
    if (this.#isInPlace) await session.run(statement('merge/tune_in_place'))
    const updated = await session.run(
      this.#updates(this.#isInPlace ? sql`t.ctid = c.place` : this.#sameKey()),
    )
    if (this.#isInPlace) await session.run(statement('merge/tune_afterwards'))
    if (updated !== classes.changed) {
      throw unbalanced(`${classes.changed} rows differ, but ${updated} were updated`)
    }
    return updated
  }

  /** In blocks, in the order of the file. @throws RowsRefused that tells the rows which cannot be written */
  async #writeCarefully({ new: added, changed }: Classes): Promise<{ updated: number; inserted: number }> {
    const { session, target, mapping, settings } = this.#merging
    if (added + changed === 0) return { updated: 0, inserted: 0 }
    const inserts = settings.existingOnly ? undefined : this.#inserts(sql`AND ${AMONG} ORDER BY c.position`)
    await writeCarefully(session, {
      classified: this.#classified,
      target,
      updates: this.#updates(sql`${this.#sameKey()} AND ${AMONG}`),
      inserts,
      columns: mapping.columns.map((column) => column.target),
    })
    return { updated: changed, inserted: inserts === undefined ? 0 : added }
  }

  /** @param which of the new rows, as a condition on `c` that follows another */
  #inserts(which: Fragment): string {
    const { target, mapping } = this.#merging
    const { columns } = mapping
    return statement('merge/insert_new', {
      target,
      columns: list(targetList(columns)),
      values: list(columns.map((_, index) => sql`c.${valueName(index)}`)),
      classified: this.#classified,
      which,
    })
  }

  /** @param sameRow which row `t` of the table a changed one `c` is */
  #updates(sameRow: Fragment): string {
    const { target, mapping } = this.#merging
    const assignments = mapping.columns.flatMap(({ key, target: name }, index) =>
      key ? [] : [sql`${ident(name)} = c.${valueName(index)}`],
    )
    // Only a key, and nothing that could change.
    if (assignments.length === 0) return NO_UPDATE
    return statement('merge/update_changed', {
      target,
      classified: this.#classified,
      assignments: list(assignments),
      same_row: sameRow,
    })
  }

  /** A classified record `c` and a row `t` of the table have the same key. */
  #sameKey(): Fragment {
    return list(
      this.#merging.mapping.columns.flatMap(({ key, target }, index) =>
        key ? [sql`t.${ident(target)} = c.${valueName(index)}`] : [],
      ),
      ' AND ',
    )
  }

  async #keyExists(): Promise<DasyError> {
    const { session, run, locator, settings, target, mapping } = this.#merging
    const place = await session.row<{ source: number; place: number }>(
      statement('merge/first_existing', {
        staging: stagingTable(run),
        target,
        same_as_target: this.#sameAsTarget(),
      }),
    )
    const { file, line, byte } = await locator.locate(place as { source: number; place: number })
    const key = mapping.key.map((column) => column.target)
    const table = displayName(settings.table)
    return new DasyError(
      'KEY_EXISTS',
      `${file}, line ${line} (byte ${byte}): ${table} holds this key (${key.join(', ')}) already`,
      { hint: 'Load with --on-conflict update or skip.', details: { file, line, byte, table } },
    )
  }
}

function differs(columns: readonly Column[]): Fragment {
  const rest = columns.filter((column) => !column.key)
  if (rest.length === 0) return sql`false`
  return sql`(${list(
    rest.map(({ target, value, stored }) =>
      stored.comparable
        ? sql`t.${ident(target)} IS DISTINCT FROM ${value}`
        : sql`CAST(t.${ident(target)} AS text) IS DISTINCT FROM CAST(${value} AS text)`,
    ),
    ' OR ',
  )})`
}

function valueName(index: number): Fragment {
  return ident(`v${index + 1}`)
}

function oldName(index: number): Fragment {
  return ident(`o${index + 1}`)
}
