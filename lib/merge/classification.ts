import type { Aggregate } from '../aggregate/aggregate.js'
import type { Target } from '../catalog/target.js'
import { type LookUp, preferLookUps, withoutLoops } from '../db/join-plans.js'
import { type Fragment, fromCatalog, ident, list, part, query, sql, statement } from '../db/sql.js'
import type { StagedPosition } from '../ledger/locator.js'
import { partsOfPosition, stagingTable } from '../ledger/staging.js'
import { type Column, storedAs } from '../mapping/columns.js'
import { MOST_COLUMNS } from '../mapping/limits.js'
import { analyze } from './statistics.js'
import type { MergeContext } from './strategy.js'

/** Keys by what becomes of them; all others stay as they are. */
export interface Classes {
  readonly new: number
  readonly changed: number
  /** For each aggregate, whether updates change a value that it counts. */
  readonly moved: readonly boolean[]
}

/** What became of rows in a table that may store something other than what is written. */
export interface Verified {
  /** No longer there by their key. */
  readonly missing: number
  /** Updated to what they were before. */
  readonly same: number
}

/** The texts of columns for which the list of what is classified has no place any more. */
const REST = ident('rest')

/** What that list has besides values and the aggregates' old values: position, place, the rest and the row before. */
const BESIDES = 4

/**
 * The keys of the file compared with those of the table: lists the records that are new to it, or that change a row, in a
 * table of its own. There their values are v1, v2, …, in the order of the mapping's columns, and what the table has in the
 * columns that aggregates count is o1, o2, …
 */
export class Classification {
  readonly table: Fragment
  readonly #context: MergeContext
  readonly #target: Target
  readonly #aggregates: readonly Aggregate[]
  /** Columns that have one of their own in what is classified. */
  readonly #listed: number
  #looksUp = false

  constructor(context: MergeContext, target: Target, aggregates: readonly Aggregate[]) {
    this.table = ident('dasy', `classified_${context.run}`)
    this.#context = context
    this.#target = target
    this.#aggregates = aggregates
    this.#listed = MOST_COLUMNS - BESIDES - aggregates.length
  }

  async make(): Promise<Classes> {
    const { session } = this.#context
    const found = await withoutLoops(session, async () => {
      this.#looksUp = (await this.isFewer(this.#context.keys)) && (await this.#canLookUp())
      return session.run(this.#classify(this.#looksUp))
    })
    if (found === 0) return { new: 0, changed: 0, moved: [] }
    const moved = this.#aggregates.map(
      (aggregate, index) =>
        sql`coalesce(bool_or(place IS NOT NULL AND pg_catalog.record_image_ne(ROW(${this.counted(aggregate)}), ROW(${oldName(index)}))), false)`,
    )
    const classes = await session.row<Classes>(
      statement('merge/count_classes', { classified: this.table, moved: list(moved) }),
    )
    return classes as Classes
  }

  async drop(): Promise<void> {
    await this.#context.session.run(query`DROP TABLE ${this.table}`)
  }

  /** The first record of the file whose key the table holds. */
  async firstExisting(): Promise<StagedPosition> {
    const { session, run } = this.#context
    const text = statement('merge/first_existing', {
      staging: stagingTable(run),
      target_row: this.#targetRow(this.#sameAsTarget()),
      ...partsOfPosition(sql`s.position`),
    })
    return withoutLoops(session, async () => (await session.row<StagedPosition>(text)) as StagedPosition)
  }

  /** Looks at the rows that were written. @param written which of those that are classified, as a condition */
  async verify(written: Fragment): Promise<Verified> {
    const { session } = this.#context
    const text = statement('merge/verify', {
      classified: this.table,
      target_row: this.#targetRow(this.sameKey()),
      row: this.#wholeRow(),
      written,
    })
    return withoutLoops(session, async () => (await session.row<Verified>(text)) as Verified)
  }

  /** Whether so many rows are better looked up one by one: fewer than the table has pages, of which each costs one at most. */
  async isFewer(rows: number): Promise<boolean> {
    const { session } = this.#context
    const row = await session.row<{ pages: number }>(statement('merge/count_pages'), [this.#target.oid])
    return rows < (row?.pages ?? 0)
  }

  get byKey(): LookUp {
    return { by: 'key', columns: this.#context.mapping.key.map(({ target }) => target) }
  }

  /** The value to be, of the column that an aggregate counts. */
  counted({ column: name }: Aggregate): Fragment {
    return this.#valueOf(
      this.#context.mapping.columns.findIndex(({ target }) => target === name),
      sql``,
    )
  }

  old(aggregate: Aggregate): Fragment {
    return oldName(this.#aggregates.indexOf(aggregate))
  }

  value(index: number): Fragment {
    return this.#valueOf(index, sql`c.`)
  }

  /** A value in what is classified. @param from what stands before its name */
  #valueOf(index: number, from: Fragment): Fragment {
    if (index < this.#listed) return sql`${from}${valueName(index)}`
    const column = this.#context.mapping.columns[index] as Column
    const raw = sql`${from}${REST}[${fromCatalog(`${index - this.#listed + 1}`)}]`
    return storedAs({ ...column, raw }, column.stored).value
  }

  /** A classified record `c` and a row `t` of the table have the same key. */
  sameKey(): Fragment {
    return list(
      this.#context.mapping.columns.flatMap(({ key, target }, index) =>
        key ? [sql`t.${ident(target)} = ${this.value(index)}`] : [],
      ),
      ' AND ',
    )
  }

  /**
   * Not by an index that finds many rows for a part of the key: where the planner prefers one, what it knows of the table is
   * of yesterday.
   */
  async #canLookUp(): Promise<boolean> {
    const { session, target } = this.#context
    const can = () => preferLookUps(session, this.#classify(true), this.byKey)
    if (await can()) return true
    await analyze(session, [target])
    return can()
  }

  #classify(looksUp: boolean): string {
    const { run, mapping, duplicateKeys, settings } = this.#context
    const { columns } = mapping
    const values = columns
      .slice(0, this.#listed)
      .map(({ value }, index) => sql`${value} AS ${valueName(index)}`)
    const rest = columns.slice(this.#listed).map(({ raw }) => raw)
    if (rest.length > 0) values.push(sql`ARRAY[${list(rest)}]::text[] AS ${REST}`)
    const old = this.#aggregates.map(({ column }, index) => sql`t.${ident(column)} AS ${oldName(index)}`)
    const before = this.#target.acts ? [sql`${this.#wholeRow()} AS before`] : []
    return statement('merge/classify', {
      classified: this.table,
      staging: stagingTable(run),
      target_row: this.#targetRow(this.#sameAsTarget(), looksUp),
      wins: duplicateKeys.wins,
      counts:
        settings.policy.onConflict === 'update'
          ? sql`(t.ctid IS NULL OR ${differs(columns)})`
          : sql`t.ctid IS NULL`,
      values: list([...values, ...old, ...before]),
    })
  }

  /** The row of the table that is joined: the table as a whole, or looked up for each record. */
  #targetRow(sameKey: Fragment, looksUp = this.#looksUp): Fragment {
    const { target } = this.#context
    if (!looksUp) return sql`${target} AS t ON ${sameKey}`
    return part('merge/target_looked_up', { target, same_key: sameKey })
  }

  /** All that a row of the table holds, as text. */
  #wholeRow(): Fragment {
    const columns = this.#target.columns.map(({ name }) => sql`t.${ident(name)}`)
    return sql`CAST(ROW(${list(columns)}) AS text)`
  }

  /** A staged record `s` and a row `t` of the table have the same key. */
  #sameAsTarget(): Fragment {
    return list(
      this.#context.mapping.key.map(({ target, value }) => sql`t.${ident(target)} = ${value}`),
      ' AND ',
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
