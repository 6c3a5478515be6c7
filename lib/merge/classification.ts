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

/** How many keys are new to the table, and how many change a row. All others are unchanged. */
export interface Classes {
  readonly new: number
  readonly changed: number
  /** For each aggregate, whether an update changes a value that it counts. */
  readonly moved: readonly boolean[]
}

/** The written rows compared with the table, whose triggers or rules may have stored something else. */
export interface Verified {
  /** Rows whose key is not in the table. */
  readonly missing: number
  /** Updated rows that are the same as before. */
  readonly same: number
}

/** The column with the texts of all columns that do not fit into the table of classified records. */
const REST = ident('rest')

/** Its columns besides values and the aggregates' old values: position, place, rest and before. */
const OTHER_COLUMNS = 4

/**
 * Compares the keys of the file with those of the table, and writes the records that are new to it or change a row to a
 * table in the schema dasy. Its columns v1, v2, … are the values, in the order of the mapping's columns; o1, o2, … are the
 * values that the table has in the columns that aggregates count.
 */
export class Classification {
  readonly table: Fragment
  readonly #context: MergeContext
  readonly #target: Target
  readonly #aggregates: readonly Aggregate[]
  /** The number of columns with a column of their own in that table; the others share `rest`. */
  readonly #listed: number
  #looksUp = false

  constructor(context: MergeContext, target: Target, aggregates: readonly Aggregate[]) {
    this.table = ident('dasy', `classified_${context.run}`)
    this.#context = context
    this.#target = target
    this.#aggregates = aggregates
    this.#listed = MOST_COLUMNS - OTHER_COLUMNS - aggregates.length
  }

  async make(): Promise<Classes> {
    const { session } = this.#context
    const found = await withoutLoops(session, async () => {
      this.#looksUp = (await this.areFewerThanPages(this.#context.keys)) && (await this.#canLookUp())
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

  /** The first record of the file whose key is in the table. */
  async firstExisting(): Promise<StagedPosition> {
    const { session, run } = this.#context
    const text = statement('merge/first_existing', {
      staging: stagingTable(run),
      target_row: this.#targetRow(this.#sameAsTarget()),
      ...partsOfPosition(sql`s.position`),
    })
    return withoutLoops(session, async () => (await session.row<StagedPosition>(text)) as StagedPosition)
  }

  /** Compares the rows that were written with the table. @param written a condition: which of the classified records */
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

  /** Whether it is faster to look up so many rows one by one: fewer than the table has pages, as each look-up reads about one. */
  async areFewerThanPages(rows: number): Promise<boolean> {
    const { session } = this.#context
    const row = await session.row<{ pages: number }>(statement('merge/count_pages'), [this.#target.oid])
    return rows < (row?.pages ?? 0)
  }

  get byKey(): LookUp {
    return { by: 'key', columns: this.#context.mapping.key.map(({ target }) => target) }
  }

  /** The new value of the column that an aggregate counts. */
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

  /** The value of a column, by its index in the mapping. @param from a prefix: the alias and a dot, or nothing */
  #valueOf(index: number, from: Fragment): Fragment {
    if (index < this.#listed) return sql`${from}${valueName(index)}`
    const column = this.#context.mapping.columns[index] as Column
    const raw = sql`${from}${REST}[${fromCatalog(`${index - this.#listed + 1}`)}]`
    return storedAs({ ...column, raw }, column.stored).value
  }

  /** A condition: a classified record `c` and a row `t` of the table have the same key. */
  sameKey(): Fragment {
    return list(
      this.#context.mapping.columns.flatMap(({ key, target }, index) =>
        key ? [sql`t.${ident(target)} = ${this.value(index)}`] : [],
      ),
      ' AND ',
    )
  }

  /**
   * Whether the planner looks up each key by an index that finds one row at most. If it chooses an index on a part of the
   * key, its statistics of the table are out of date, so the table is analyzed first.
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

  /** What staged records are joined with: the whole table, or a look-up for each record. */
  #targetRow(sameKey: Fragment, looksUp = this.#looksUp): Fragment {
    const { target } = this.#context
    if (!looksUp) return sql`${target} AS t ON ${sameKey}`
    return part('merge/target_looked_up', { target, same_key: sameKey })
  }

  /** A row of the table with all its columns, as text. */
  #wholeRow(): Fragment {
    const columns = this.#target.columns.map(({ name }) => sql`t.${ident(name)}`)
    return sql`CAST(ROW(${list(columns)}) AS text)`
  }

  /** A condition: a staged record `s` and a row `t` of the table have the same key. */
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
