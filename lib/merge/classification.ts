import type { Aggregate } from '../aggregate/aggregate.js'
import type { Target } from '../catalog/target.js'
import { type LookUp, preferLookUps, withoutLoops } from '../db/join-plans.js'
import { type Fragment, ident, list, query, sql, statement } from '../db/sql.js'
import type { StagedPosition } from '../ledger/locator.js'
import { partsOfPosition, stagingTable } from '../ledger/staging.js'
import { Classified, type ClassifiedCounts } from './classified.js'
import { ClassifiedValues } from './classified-values.js'
import { Deletions } from './deletions.js'
import { analyze } from './statistics.js'
import type { MergeContext } from './strategy.js'
import { areBetterLookedUp, isPlain, targetRow } from './target-row.js'

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
  readonly #values: ClassifiedValues
  /** Of --sync. */
  readonly #deletions: Deletions | undefined
  #looksUp = false

  constructor(context: MergeContext, target: Target, aggregates: readonly Aggregate[]) {
    this.#table = ident('dasy', `classified_${context.run}`)
    this.#context = context
    this.#target = target
    this.#aggregates = aggregates
    this.#values = new ClassifiedValues(context, target, aggregates)
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
        (await areBetterLookedUp(session, this.#target, winners.count)) && (await this.#canLookUp())
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
      hasRow: this.#values.hasRow,
      ...(!this.#values.areListed && { value: (index, from) => this.#values.valueOf(index, from) }),
    })
  }

  async #count(): Promise<ClassifiedCounts> {
    const set = this.#classified(NOTHING)
    const moved = this.#aggregates.map(
      (aggregate) => sql`coalesce(bool_or(${set.isChanged(sql``)} AND ${set.isMoved(aggregate)}), false)`,
    )
    const text = statement('merge/count_classes', {
      classified: this.#table,
      is_changed: set.isChanged(sql``),
      is_deleted: this.#deletions ? sql`op = 'd'` : sql`false`,
      moved: list(moved),
    })
    return (await this.#context.session.row<ClassifiedCounts>(text)) as ClassifiedCounts
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
      values: list([...this.#values.ofRecord(), ...this.#values.ofRow()]),
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
        ...this.#values.ofRecord(sql`s.position IS NULL`),
        ...this.#values.ofRow(),
      ]),
    })
  }

  /** A condition: a record that wins is to be written. */
  #counts(): Fragment {
    const { onConflict } = this.#context.settings.policy
    return onConflict === 'update' ? sql`(t.ctid IS NULL OR ${this.#values.differ()})` : sql`t.ctid IS NULL`
  }

  /** A condition: a staged record `s` and a row `t` of the table have the same key. */
  #sameAsTarget(): Fragment {
    return list(
      this.#context.mapping.key.map(({ target, value }) => sql`t.${ident(target)} = ${value}`),
      ' AND ',
    )
  }
}

/** The name of a staged key's value. */
function keyName(index: number): Fragment {
  return ident(`key_${index + 1}`)
}
