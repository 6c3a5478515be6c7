import type { Aggregate } from '../aggregate/aggregate.js'
import type { Target } from '../catalog/target.js'
import { type LookUp, preferLookUps, withoutLoops } from '../db/join-plans.js'
import { type Fragment, fromCatalog, ident, list, query, sql, statement } from '../db/sql.js'
import type { StagedPosition } from '../ledger/locator.js'
import { partsOfPosition, stagingTable } from '../ledger/staging.js'
import { type Column, storedAs } from '../mapping/columns.js'
import { MOST_COLUMNS } from '../mapping/limits.js'
import { Classified, type ClassifiedCounts, oldName, rowName, valueName } from './classified.js'
import { Deletions } from './deletions.js'
import { analyze } from './statistics.js'
import type { MergeContext } from './strategy.js'
import { areFewerThanPages, isPlain, targetRow, wholeRow } from './target-row.js'

/** The column with the texts of all columns that do not fit into the table of classified records. */
const REST = ident('rest')

/** Its columns besides values and the aggregates' old values: position, place, found_in, op, rest, was and before. */
const OTHER_COLUMNS = 7

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
  /** Of --sync. */
  readonly #deletions: Deletions | undefined
  #looksUp = false

  constructor(context: MergeContext, target: Target, aggregates: readonly Aggregate[]) {
    this.#table = ident('dasy', `classified_${context.run}`)
    this.#context = context
    this.#target = target
    this.#aggregates = aggregates
    this.#listed = MOST_COLUMNS - OTHER_COLUMNS - aggregates.length
    const { sync } = context.settings.policy
    this.#deletions = sync && new Deletions(context, target, sync)
  }

  /** @throws DasyError BAD_OPTION: the condition of --sync-where */
  async make(): Promise<Classified> {
    const { session, winners } = this.#context
    await this.#deletions?.check()
    const found = await withoutLoops(session, async () => {
      if (this.#deletions) {
        // The planner would like to read the table in the order of its key, and sort all staged records for it.
        await session.run(query`SET LOCAL enable_mergejoin = off`)
        return await session.run(this.#classifyWithMissing(this.#deletions))
      }
      this.#looksUp =
        (await areFewerThanPages(session, this.#target, winners.count)) && (await this.#canLookUp())
      return await session.run(this.#classify(this.#looksUp))
    })
    return this.#classified(found === 0 ? NOTHING : await this.#count())
  }

  /** @throws DasyError TOO_MANY_DELETES: more rows are missing in the sources than --sync may delete */
  async checkDeletions(set: Classified): Promise<void> {
    await this.#deletions?.checkLimit(set)
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

  get #hasLocations(): boolean {
    return this.#deletions !== undefined && !isPlain(this.#target)
  }

  /** Whether history will store what the row is now, so that it is kept from the one pass over the table. */
  get #hasRow(): boolean {
    const { keepsHistory, settings, mapping } = this.#context
    const { columns } = mapping
    return (
      keepsHistory &&
      settings.policy.onConflict === 'update' &&
      this.#deletions === undefined &&
      isPlain(this.#target) &&
      this.#target.actors.length === 0 &&
      2 * columns.length <= this.#listed &&
      columns.every((column) => has(this.#target, column))
    )
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
      hasDeletes: this.#deletions !== undefined,
      hasLocations: this.#hasLocations,
      insertsNew: !settings.policy.existingOnly,
      looksUp: this.#looksUp,
      hasBefore: this.#target.acts,
      hasRow: this.#hasRow,
      ...(mapping.columns.length > this.#listed
        ? { value: (index, from) => this.#valueOf(index, from) }
        : {}),
    })
  }

  async #count(): Promise<ClassifiedCounts> {
    const set = this.#classified(NOTHING)
    const moved = this.#aggregates.map(
      (aggregate) =>
        sql`coalesce(bool_or(${set.isChanged(sql``)} AND pg_catalog.record_image_ne(ROW(${set.counted(aggregate)}), ROW(${set.old(aggregate)}))), false)`,
    )
    const text = statement('merge/count_classes', {
      classified: this.#table,
      is_changed: set.isChanged(sql``),
      is_deleted: this.#deletions ? sql`op = 'd'` : sql`false`,
      moved: list(moved),
    })
    return (await this.#context.session.row<ClassifiedCounts>(text)) as ClassifiedCounts
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
    const { run, target, winners } = this.#context
    return statement('merge/classify', {
      classified: this.#table,
      staging: stagingTable(run),
      target_row: targetRow(target, this.#sameAsTarget(), looksUp),
      wins: winners.wins,
      counts: this.#counts(),
      values: list([...this.#values(), ...this.#rowValues()]),
    })
  }

  /** (A full join needs conditions that name both sides: a key that is a constant gets a name on its side.) */
  #classifyWithMissing(deletions: Deletions): string {
    const { run, mapping, winners } = this.#context
    const op = sql`CAST(CASE WHEN s.position IS NULL THEN 'd' WHEN t.ctid IS NULL THEN 'i' ELSE 'u' END AS "char") AS op`
    return statement('merge/classify_with_missing', {
      classified: this.#table,
      staging: stagingTable(run),
      rows: deletions.rows,
      keys: list(mapping.key.map(({ value }, index) => sql`${value} AS ${keyName(index)}`)),
      same_key: list(
        mapping.key.map(({ target }, index) => sql`t.${ident(target)} = s.${keyName(index)}`),
        ' AND ',
      ),
      is_deleted: deletions.isDeleted,
      wins: winners.wins,
      counts: this.#counts(),
      values: list([
        op,
        ...(this.#hasLocations ? [sql`t.tableoid AS found_in`] : []),
        ...this.#values(sql`s.position IS NULL`),
        ...this.#rowValues(),
      ]),
    })
  }

  /** A condition: a record that wins is to be written. */
  #counts(): Fragment {
    const { settings, mapping } = this.#context
    if (settings.policy.onConflict !== 'update') return sql`t.ctid IS NULL`
    return sql`(t.ctid IS NULL OR ${differs(mapping.columns, this.#target)})`
  }

  /** v1, v2, … and rest. @param isDeleted a condition: the row is deleted, and has its own values */
  #values(isDeleted?: Fragment): Fragment[] {
    const { columns } = this.#context.mapping
    const either = (now: Fragment, value: Fragment): Fragment =>
      isDeleted ? sql`CASE WHEN ${isDeleted} THEN ${now} ELSE ${value} END` : value
    const values = columns
      .slice(0, this.#listed)
      .map((column, index) => sql`${either(now(column, this.#target), column.value)} AS ${valueName(index)}`)
    const rest = columns
      .slice(this.#listed)
      .map((column) => either(sql`CAST(${now(column, this.#target)} AS text)`, column.raw))
    return rest.length > 0 ? [...values, sql`ARRAY[${list(rest)}]::text[] AS ${REST}`] : values
  }

  /** was and w1, w2, …, or o1, o2, …, and before: what the row of the table has now. */
  #rowValues(): Fragment[] {
    const { columns } = this.#context.mapping
    const row = columns.map(({ target }, index) => sql`t.${ident(target)} AS ${rowName(index)}`)
    if (this.#hasRow) return [sql`t.xmin AS was`, ...row]
    const old = this.#aggregates.map(({ column }, index) => sql`t.${ident(column)} AS ${oldName(index)}`)
    return this.#target.acts ? [...old, sql`${wholeRow(this.#target)} AS before`] : old
  }

  /** A condition: a staged record `s` and a row `t` of the table have the same key. */
  #sameAsTarget(): Fragment {
    return list(
      this.#context.mapping.key.map(({ target, value }) => sql`t.${ident(target)} = ${value}`),
      ' AND ',
    )
  }
}

/** The value of a column in the row `t`. (A plan compares with a table that does not have the columns yet that the load adds.) */
function now(column: Column, target: Target): Fragment {
  return has(target, column) ? sql`t.${ident(column.target)}` : sql`NULL`
}

function has({ columns }: Target, { target }: Column): boolean {
  return columns.some(({ name }) => name === target)
}

/** A condition: a column of the row `t` other than the key has another value than the record. */
function differs(columns: readonly Column[], target: Target): Fragment {
  const rest = columns.filter((column) => !column.key)
  if (rest.length === 0) return sql`false`
  return sql`(${list(
    rest.map((column) =>
      column.stored.comparable
        ? sql`${now(column, target)} IS DISTINCT FROM ${column.value}`
        : sql`CAST(${now(column, target)} AS text) IS DISTINCT FROM CAST(${column.value} AS text)`,
    ),
    ' OR ',
  )})`
}

/** The name of a staged key's value. */
function keyName(index: number): Fragment {
  return ident(`key_${index + 1}`)
}
