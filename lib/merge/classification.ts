import type { Aggregate } from '../aggregate/aggregate.js'
import type { Target } from '../catalog/target.js'
import { type LookUp, preferLookUps, withoutLoops } from '../db/join-plans.js'
import { type Fragment, fromCatalog, ident, list, query, sql, statement } from '../db/sql.js'
import type { StagedPosition } from '../ledger/locator.js'
import { partsOfPosition, stagingTable } from '../ledger/staging.js'
import { type Column, storedAs } from '../mapping/columns.js'
import { MOST_COLUMNS } from '../mapping/limits.js'
import { Classified, type ClassifiedCounts, oldName, valueName } from './classified.js'
import { Deletions } from './deletions.js'
import { analyze } from './statistics.js'
import type { MergeContext } from './strategy.js'
import { areFewerThanPages, isPlain, targetRow, wholeRow } from './target-row.js'

/** The column with the texts of all columns that do not fit into the table of classified records. */
const REST = ident('rest')

/** Its columns besides values and the aggregates' old values: position, place, found_in, op, rest and before. */
const OTHER_COLUMNS = 6

const NOTHING: ClassifiedCounts = { new: 0, changed: 0, deleted: 0, moved: [] }

/**
 * Compares the keys of the file with those of the table, and writes the records that are new to it or change a row to a
 * table in the schema dasy, in the form of a Classified. Unchanged keys are not in it.
 */
export class Classification {
  readonly #table: Fragment
  readonly #context: MergeContext
  readonly #target: Target
  readonly #aggregates: readonly Aggregate[]
  /** The number of columns with a column of their own in that table; the others share `rest`. */
  readonly #listed: number
  #looksUp = false

  constructor(context: MergeContext, target: Target, aggregates: readonly Aggregate[]) {
    this.#table = ident('dasy', `classified_${context.run}`)
    this.#context = context
    this.#target = target
    this.#aggregates = aggregates
    this.#listed = MOST_COLUMNS - OTHER_COLUMNS - aggregates.length
  }

  async make(): Promise<Classified> {
    const { session, winners } = this.#context
    const found = await withoutLoops(session, async () => {
      this.#looksUp =
        (await areFewerThanPages(session, this.#target, winners.count)) && (await this.#canLookUp())
      return session.run(this.#classify(this.#looksUp))
    })
    return this.#classified(found === 0 ? NOTHING : await this.#count())
  }

  /**
   * With --sync: adds the rows of the table that the sources do not have.
   * @throws DasyError TOO_MANY_DELETES, BAD_OPTION
   */
  async addDeletions(set: Classified): Promise<Classified> {
    const { sync } = this.#context.settings.policy
    if (!sync) return set
    const deletions = new Deletions(this.#context, this.#target, this.#aggregates, sync)
    return await deletions.addTo(set, Math.max(0, set.columns.length - this.#listed))
  }

  async drop(): Promise<void> {
    await this.#context.session.run(query`DROP TABLE ${this.#table}`)
  }

  /** The first record of the file whose key is in the table. */
  async firstExisting(): Promise<StagedPosition> {
    const { session, run, target } = this.#context
    const text = statement('merge/first_existing', {
      staging: stagingTable(run),
      target_row: targetRow(target, this.#sameAsTarget(), this.#looksUp),
      ...partsOfPosition(sql`s.position`),
    })
    return withoutLoops(session, async () => (await session.row<StagedPosition>(text)) as StagedPosition)
  }

  /** Whether rows that are deleted are added to it: with --sync. */
  get #mayDelete(): boolean {
    return this.#context.settings.policy.sync !== undefined
  }

  get #hasLocations(): boolean {
    return this.#mayDelete && !isPlain(this.#target)
  }

  #classified(counts: ClassifiedCounts): Classified {
    const { mapping, settings, winners } = this.#context
    return new Classified({
      table: this.#table,
      columns: mapping.columns,
      key: mapping.key.map(({ target }) => target),
      aggregates: this.#aggregates,
      counts,
      hasFound: winners.count > counts.new,
      hasDeletes: this.#mayDelete,
      hasLocations: this.#hasLocations,
      insertsNew: !settings.policy.existingOnly,
      looksUp: this.#looksUp,
      hasBefore: this.#target.acts,
      ...(mapping.columns.length > this.#listed
        ? { value: (index, from) => this.#valueOf(index, from) }
        : {}),
    })
  }

  async #count(): Promise<ClassifiedCounts> {
    const moved = this.#moved()
    const text = statement('merge/count_classes', { classified: this.#table, moved: list(moved) })
    const counts = await this.#context.session.row<Omit<ClassifiedCounts, 'deleted'>>(text)
    return { ...NOTHING, ...counts }
  }

  #moved(): Fragment[] {
    const set = this.#classified(NOTHING)
    return this.#aggregates.map(
      (aggregate) =>
        sql`coalesce(bool_or(place IS NOT NULL AND pg_catalog.record_image_ne(ROW(${set.counted(aggregate)}), ROW(${set.old(aggregate)}))), false)`,
    )
  }

  /** The value of a column, by its index in the mapping. @param from a prefix: the alias and a dot, or nothing */
  #valueOf(index: number, from: Fragment): Fragment {
    if (index < this.#listed) return sql`${from}${valueName(index)}`
    const column = this.#context.mapping.columns[index] as Column
    const raw = sql`${from}${REST}[${fromCatalog(`${index - this.#listed + 1}`)}]`
    return storedAs({ ...column, raw }, column.stored).value
  }

  /**
   * Whether the planner looks up each key by an index that finds one row at most. If it chooses an index on a part of the
   * key, its statistics of the table are out of date, so the table is analyzed first.
   */
  async #canLookUp(): Promise<boolean> {
    const { session, target, mapping } = this.#context
    const byKey: LookUp = { by: 'key', columns: mapping.key.map((column) => column.target) }
    const can = () => preferLookUps(session, this.#classify(true), byKey)
    if (await can()) return true
    await analyze(session, [target])
    return can()
  }

  #classify(looksUp: boolean): string {
    const { run, target, mapping, winners, settings } = this.#context
    const { columns } = mapping
    const values = columns
      .slice(0, this.#listed)
      .map(({ value }, index) => sql`${value} AS ${valueName(index)}`)
    const rest = columns.slice(this.#listed).map(({ raw }) => raw)
    if (rest.length > 0) values.push(sql`ARRAY[${list(rest)}]::text[] AS ${REST}`)
    const old = this.#aggregates.map(({ column }, index) => sql`t.${ident(column)} AS ${oldName(index)}`)
    const before = this.#target.acts ? [sql`${wholeRow(this.#target)} AS before`] : []
    const op = this.#mayDelete
      ? [sql`CAST(CASE WHEN t.ctid IS NULL THEN 'i' ELSE 'u' END AS "char") AS op`]
      : []
    if (this.#hasLocations) op.push(sql`NULL::oid AS found_in`)
    return statement('merge/classify', {
      classified: this.#table,
      staging: stagingTable(run),
      target_row: targetRow(target, this.#sameAsTarget(), looksUp),
      wins: winners.wins,
      counts:
        settings.policy.onConflict === 'update'
          ? sql`(t.ctid IS NULL OR ${differs(columns, this.#target)})`
          : sql`t.ctid IS NULL`,
      values: list([...op, ...values, ...old, ...before]),
    })
  }

  /** A condition: a staged record `s` and a row `t` of the table have the same key. */
  #sameAsTarget(): Fragment {
    return list(
      this.#context.mapping.key.map(({ target, value }) => sql`t.${ident(target)} = ${value}`),
      ' AND ',
    )
  }
}

/** (A plan compares with a table that does not have the columns yet that the load adds.) */
function differs(columns: readonly Column[], { columns: existing }: Target): Fragment {
  const now = (target: string): Fragment =>
    existing.some(({ name }) => name === target) ? sql`t.${ident(target)}` : sql`NULL`
  const rest = columns.filter((column) => !column.key)
  if (rest.length === 0) return sql`false`
  return sql`(${list(
    rest.map(({ target, value, stored }) =>
      stored.comparable
        ? sql`${now(target)} IS DISTINCT FROM ${value}`
        : sql`CAST(${now(target)} AS text) IS DISTINCT FROM CAST(${value} AS text)`,
    ),
    ' OR ',
  )})`
}
