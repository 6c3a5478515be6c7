import { type Aggregate, aggregatesOf, kinds, type NewAggregate, sizeOf } from '../aggregate/aggregate.js'
import { groupsOf } from '../aggregate/groups.js'
import { resumeTriggers, suspendTriggers } from '../aggregate/live.js'
import { planAggregate } from '../aggregate/plan.js'
import { inspectTarget, lockTarget, nameFragment, requireTarget, type Target } from '../catalog/target.js'
import { lockTableName } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, list, sql, statement } from '../db/sql.js'
import type { Locator } from '../load/locator.js'
import { displayName, type Settings } from '../options.js'
import { type AggregateReceipt, type Rows, unbalanced } from '../receipt.js'
import { type Mapping, mapColumns } from './columns.js'
import { FirstLoad } from './first-load.js'
import type { Repeats } from './repeats.js'
import { Statistics } from './statistics.js'
import type { Tuning } from './tuning.js'
import { Upsert } from './upsert.js'
import type { Merged, MergeWay, Merging } from './way.js'

export interface PublicationOptions {
  readonly session: Session
  /** Another session, which prepares in the schema `dasy` what this one then inserts. */
  readonly helper: Session | undefined
  readonly run: number
  readonly settings: Settings
  readonly header: readonly string[]
  readonly file: string
  /** Whether tables and columns may be made: `ingest`, not `update`. */
  readonly mayMake: boolean
  readonly tuning: Tuning
  /** How many keys the file has. */
  readonly keys: number
  readonly repeats: Repeats
  readonly locator: Locator
  /** Told when the aggregates begin, and when they are done. */
  readonly entering: (phase: 'merge' | 'aggregate') => void
}

export interface Published {
  readonly rows: Merged
  readonly aggregates: readonly AggregateReceipt[]
}

interface AggregatesToKeep {
  /** Whether the table is new. */
  readonly made: boolean
  /** One that is to be made. */
  readonly wanted: NewAggregate | undefined
  /** Those that are there, and whose triggers are off. */
  readonly aggregates: readonly Aggregate[]
}

/**
 * What one transaction makes visible: table, rows and aggregates, all of it or nothing. Everything that was
 * looked up before the lock is looked up again under it.
 */
export class Publication {
  readonly #options: PublicationOptions

  constructor(options: PublicationOptions) {
    this.#options = options
  }

  /**
   * @param finish writes the receipt into the ledger, in the same transaction
   * @throws DasyError anything that is against it; the target is as it was then
   */
  async publish(finish: (published: Published) => Promise<void>): Promise<Published> {
    const { session, tuning } = this.#options
    return session.transaction(async () => {
      await tuning.apply(session)
      const published = await this.#apply()
      await finish(published)
      return published
    })
  }

  async #apply(): Promise<Published> {
    const { session, settings, entering } = this.#options
    await lockTableName(session, settings.table)
    const { target, mapping, made } = await this.#targetUnderLock()
    const wanted = await this.#wantedAggregate(target)
    // That of a table with rows is counted before they change; that of a new one when they are there.
    if (wanted && !made) await kinds.live.create(session, wanted)
    const computable = (await aggregatesOf(session, target.oid)).filter((each) =>
      isComputable(each, target, mapping),
    )
    for (const aggregate of computable) await suspendTriggers(session, aggregate)

    const way = await this.#way(target, mapping, { made, wanted, aggregates: computable })
    const rows = await way.apply()
    const statistics = new Statistics(session, target)
    await statistics.refresh(rows)
    entering('aggregate')
    for (const aggregate of computable) {
      await way.aggregate(aggregate)
      await resumeTriggers(session, aggregate)
    }
    const prepared = await way.prepared()
    if (wanted && made) await kinds.live.create(session, wanted, prepared)
    const kept = (await aggregatesOf(session, target.oid)).filter(({ kind }) => kind === 'live')
    const receipts = await this.#receipts(kept, way.recounts ? rows.inserted : undefined)
    // What was prepared has its statistics.
    await statistics.refreshAggregates(prepared ? computable : kept)
    entering('merge')
    await way.close()
    return { rows, aggregates: receipts }
  }

  /** The target, made or extended where it has to be, and locked. */
  async #targetUnderLock(): Promise<{ target: Target; mapping: Mapping; made: boolean }> {
    const { session, settings, header, file, mayMake } = this.#options
    const before = mayMake
      ? await inspectTarget(session, settings.table)
      : await requireTarget(session, settings.table)
    if (!before) {
      const mapping = mapColumns(header, undefined, settings, true, file)
      return { target: await this.#make(mapping), mapping, made: true }
    }
    const name = ident(before.schema, before.name)
    const empty = canRebuild(before) && !(await this.#hasRows(name))
    await lockTarget(session, settings.table, before, empty)

    const locked = await requireTarget(session, settings.table)
    const mapping = mapColumns(
      header,
      locked,
      settings,
      mayMake && (locked.ours || settings.addColumns),
      file,
    )
    const added = mapping.columns.filter((column) => column.added)
    for (const column of added) {
      await session.run(statement('merge/add_column', { target: name, column: ident(column.target) }))
    }
    const target = added.length > 0 ? await requireTarget(session, settings.table) : locked
    return { target, mapping, made: false }
  }

  async #make({ newTable }: Mapping): Promise<Target> {
    const { session, settings } = this.#options
    const target = nameFragment(settings.table)
    await session.run(
      statement('merge/create_bare_target', {
        target,
        columns: list(newTable.map((name) => sql`${ident(name)} text`)),
      }),
    )
    await session.run(statement('merge/record_table'), [target.sql])
    return requireTarget(session, settings.table)
  }

  async #way(
    target: Target,
    mapping: Mapping,
    { made, wanted, aggregates }: AggregatesToKeep,
  ): Promise<MergeWay> {
    const { session, helper, run, settings, tuning, keys, repeats, locator } = this.#options
    const name = ident(target.schema, target.name)
    const merging: Merging = {
      session,
      helper,
      run,
      settings,
      target: name,
      mapping,
      isInPlace: target.kind === 'r' && !target.rewrites,
      tuning,
      keys,
      repeats,
      locator,
    }
    if (made) return new FirstLoad(merging, keyName(target.name), { aggregates, aggregate: wanted })

    const primary = target.keys.find((key) => key.primary)
    if (!primary?.constraint || settings.existingOnly || !canRebuild(target) || (await this.#hasRows(name))) {
      return new Upsert(merging, aggregates)
    }
    await session.run(statement('merge/drop_key', { target: name, constraint: ident(primary.constraint) }))
    return new FirstLoad(merging, primary.constraint, { aggregates, aggregate: undefined })
  }

  /** `products` has its aggregate by itself, as soon as there is a name to count by. */
  async #wantedAggregate(target: Target): Promise<NewAggregate | undefined> {
    const { session } = this.#options
    if (target.name !== 'products' || !target.owned) return undefined
    if (!target.columns.some(({ name }) => name === 'name')) return undefined
    const counted = (await aggregatesOf(session, target.oid)).some(({ column }) => column === 'name')
    return counted ? undefined : planAggregate(session, target, 'name')
  }

  /** @param expected what freshly counted aggregates must add up to */
  async #receipts(kept: readonly Aggregate[], expected: number | undefined): Promise<AggregateReceipt[]> {
    const { session, settings } = this.#options
    const receipts: AggregateReceipt[] = []
    for (const aggregate of kept) {
      const groups =
        expected === undefined
          ? await groupsOf(session, aggregate)
          : await checkedGroups(session, aggregate, expected)
      const schema = settings.table.schema === undefined ? undefined : aggregate.schema
      receipts.push({ table: displayName({ schema, name: aggregate.name }), groups })
    }
    return receipts
  }

  async #hasRows(target: Fragment): Promise<boolean> {
    const row = await this.#options.session.row<{ there: boolean }>(statement('merge/has_rows', { target }))
    return row?.there ?? true
  }
}

/** Whether the key may be dropped and built again once the rows are in: dasy's own, and nothing depends on it. */
function canRebuild(target: Target): boolean {
  return target.ours && target.owned && target.kind === 'r' && !target.referenced && !target.rewrites
}

/**
 * Whether a run can tell from its own records how an aggregate changes. If not (the file lacks the column, or
 * a trigger may store something else), its triggers stay on and count for themselves.
 */
function isComputable(aggregate: Aggregate, target: Target, { columns }: Mapping): boolean {
  const column = target.columns.find(({ attribute }) => attribute === aggregate.attribute)
  const brought = columns.some((each) => each.target === aggregate.column)
  return aggregate.kind === 'live' && target.owned && !target.rewrites && brought && !column?.generated
}

/** The groups of a freshly counted aggregate. @throws DasyError RECEIPT_UNBALANCED */
async function checkedGroups(session: Session, aggregate: Aggregate, expected: number): Promise<number> {
  const { groups, rows } = await sizeOf(session, aggregate)
  if (rows === expected) return groups
  throw unbalanced(`${expected} rows were inserted, but the counts of ${aggregate.name} add up to ${rows}`)
}

/** The name PostgreSQL would give it, but for tables with very long names. */
function keyName(table: string): string {
  return `${Buffer.byteLength(table) > 58 ? 'dasy' : table}_pkey`
}

export function toRows(read: number, rejected: number, duplicates: number, merged: Merged): Rows {
  return { read, rejected, duplicates, ...merged, deleted: 0 }
}
