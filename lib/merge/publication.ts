import type { Aggregate } from '../aggregate/aggregate.js'
import { kinds, sizeOf } from '../aggregate/kinds.js'
import { freeName } from '../aggregate/names.js'
import { productsAggregate } from '../aggregate/plan.js'
import { addProductsAggregate } from '../aggregate/products.js'
import { liveAggregates, repairAggregates } from '../aggregate/repair.js'
import { ensureAggregates } from '../aggregate/request.js'
import { countGroups } from '../aggregate/storage.js'
import { resumeTriggers, secureTriggerFunctions, suspendTriggers } from '../aggregate/triggers.js'
import { count } from '../base/count.js'
import { refuseForeignCode } from '../catalog/foreign-code.js'
import { makeSchema } from '../catalog/schema.js'
import {
  hasRows,
  inspectTarget,
  lockTarget,
  nameFragment,
  requireTarget,
  type Target,
} from '../catalog/target.js'
import { type AggregateReceipt, type Rows, unbalanced } from '../contract/receipt.js'
import { displayName } from '../contract/table-name.js'
import { lockTableName } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, statement } from '../db/sql.js'
import { isSameMapping, type Mapped, type Mapping, mapColumns } from '../mapping/columns.js'
import { type NewTypes, withTypes } from '../mapping/types.js'
import { FirstLoad } from './first-load.js'
import { dropKey, type PlainKey } from './key.js'
import { NewTable } from './new-table.js'
import { SqlHooks } from './sql-hooks.js'
import { Statistics } from './statistics.js'
import type { MergeContext, MergeResult, MergeStrategy } from './strategy.js'
import { Upsert } from './upsert.js'

/** What every way of merging works with, and what leads to it. */
export interface PublicationOptions extends Omit<MergeContext, 'target' | 'mapping'>, Mapped {
  /** By which the records were judged. */
  readonly judged: Mapping
  /** Of columns that are made. */
  readonly types: NewTypes
  /** Whether tables and columns may be made: `ingest`, not `update`. */
  readonly mayMake: boolean
  /** Told when the aggregates begin, and when they are done. */
  readonly entering: (phase: 'merge' | 'aggregate') => void
  /** Told what was done to aggregates, a line each. */
  readonly note: ((line: string) => void) | undefined
}

/** The table is no longer what it was when the records were judged. */
export class MappingChanged extends Error {
  constructor(readonly mapping: Mapping) {
    super('the table was changed meanwhile')
  }
}

export interface Published {
  readonly rows: MergeResult
  readonly aggregates: readonly AggregateReceipt[]
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
      const hooks = new SqlHooks(this.#options)
      const published = await this.#apply(hooks)
      await hooks.after()
      await finish(published)
      return published
    })
  }

  async #apply(hooks: SqlHooks): Promise<Published> {
    const { session, settings, mayMake } = this.#options
    await lockTableName(session, settings.table)
    await hooks.before()
    const target = mayMake
      ? await inspectTarget(session, settings.table)
      : await requireTarget(session, settings.table)
    return target ? this.#mergeInto(target) : this.#makeTable()
  }

  async #makeTable(): Promise<Published> {
    const { session, settings, entering, note } = this.#options
    await makeSchema(session, settings.table)
    const mapping = this.#mapping(undefined, true)
    const { schema, name } = settings.table
    const wanted = productsAggregate(name, mapping.newTable)
    // Later it is refused as well, but then the rows are in.
    if (wanted) {
      const claim = { table: name, column: wanted.column, note }
      await freeName(session, { schema, name: wanted.name }, claim)
    }
    const table = new NewTable(this.#merging(nameFragment(settings.table), mapping), wanted)
    const rows = await table.make()
    const target = await requireTarget(session, settings.table)
    const statistics = new Statistics(session, target)
    await statistics.refresh(rows)
    entering('aggregate')
    const prepared = await table.prepared()
    await addProductsAggregate(session, target, note, prepared)
    await ensureAggregates(session, target, settings.aggregates, note)
    await repairAggregates(session, target.oid, note)
    const { followed: kept } = await liveAggregates(session, target.oid)
    const aggregates = await this.#receipts(kept, rows.inserted)
    if (!prepared) await statistics.refreshAggregates(kept)
    entering('merge')
    return { rows, aggregates }
  }

  async #mergeInto(before: Target): Promise<Published> {
    const { session, settings, entering, note } = this.#options
    const { target, mapping } = await this.#targetUnderLock(before)
    if (target.owned) await repairAggregates(session, target.oid, note)
    await addProductsAggregate(session, target, note)
    await ensureAggregates(session, target, settings.aggregates, note)
    const { followed, unfollowed } = await liveAggregates(session, target.oid, note)
    const computable = followed.filter((each) => isComputable(each, target, mapping))
    for (const aggregate of computable) await suspendTriggers(session, aggregate)

    const way = await this.#way(target, mapping, computable)
    const rows = await way.apply()
    const statistics = new Statistics(session, target)
    await statistics.refresh(rows)
    entering('aggregate')
    for (const aggregate of computable) {
      await way.aggregate(aggregate)
      await resumeTriggers(session, aggregate)
    }
    for (const aggregate of unfollowed) await kinds.live.refresh(session, aggregate)
    const kept = [...followed, ...unfollowed]
    const aggregates = await this.#receipts(kept, way.recounts ? rows.inserted : undefined)
    await statistics.refreshAggregates(kept)
    entering('merge')
    await way.close()
    return { rows, aggregates }
  }

  /** The target, extended where it has to be, and locked. */
  async #targetUnderLock(before: Target): Promise<{ target: Target; mapping: Mapping }> {
    const { session, settings, mayMake } = this.#options
    const name = ident(before.schema, before.name)
    const empty = canRebuild(before) && !(await hasRows(session, settings.table, before))
    await lockTarget(session, settings.table, before, empty)

    const locked = await requireTarget(session, settings.table)
    await secureTriggerFunctions(session, locked.oid)
    if (!settings.trustOwner) await refuseForeignCode(session, locked)
    const mayAdd = mayMake && (locked.ours || settings.addColumns)
    const mapping = this.#mapping(locked, mayAdd)
    if (locked.deferrable) await session.run(statement('merge/check_at_once'))
    const added = mapping.columns.filter((column) => column.added)
    for (const { target: column, stored } of added) {
      const fragments = { target: name, column: ident(column), type: fromCatalog(stored.type) }
      await session.run(statement('merge/add_column', fragments))
    }
    const target = added.length > 0 ? await requireTarget(session, settings.table) : locked
    return { target, mapping }
  }

  async #way(target: Target, mapping: Mapping, aggregates: readonly Aggregate[]): Promise<MergeStrategy> {
    const { session, settings } = this.#options
    const name = ident(target.schema, target.name)
    const merging = this.#merging(name, mapping)
    const isFilled = !canRebuild(target) || (await hasRows(session, settings.table, target))
    const primary = plainKey(target)
    if (!primary || settings.existingOnly || isFilled || merging.careful)
      return new Upsert(merging, target, aggregates)
    await dropKey(session, name, primary)
    return new FirstLoad(merging, primary, aggregates)
  }

  /** @throws MappingChanged where it is not the one by which the records were judged */
  #mapping(target: Target | undefined, mayAdd: boolean): Mapping {
    const { judged, types } = this.#options
    const mapping = withTypes(mapColumns(this.#options, target, mayAdd), types)
    if (!isSameMapping(mapping, judged)) throw new MappingChanged(mapping)
    return mapping
  }

  #merging(target: Fragment, mapping: Mapping): MergeContext {
    return { ...this.#options, target, mapping }
  }

  /** @param expected what freshly counted aggregates must add up to */
  async #receipts(kept: readonly Aggregate[], expected: number | undefined): Promise<AggregateReceipt[]> {
    const { session, settings } = this.#options
    const receipts: AggregateReceipt[] = []
    for (const aggregate of kept) {
      const groups =
        expected === undefined
          ? await countGroups(session, aggregate)
          : await checkedGroups(session, aggregate, expected)
      const schema = settings.table.schema === undefined ? undefined : aggregate.schema
      receipts.push({ table: displayName({ schema, name: aggregate.name }), groups })
    }
    return receipts
  }
}

/** Whether the key may be dropped and built again once the rows are in: nobody could tell the difference. */
function canRebuild(target: Target): boolean {
  const { ours, owned, kind, hasChildren, actors } = target
  return (
    ours && owned && kind === 'r' && !hasChildren && actors.length === 0 && plainKey(target) !== undefined
  )
}

function plainKey({ keys }: Target): Required<PlainKey> | undefined {
  const key = keys.find(({ plain }) => plain)
  return key?.constraint ? { constraint: key.constraint, columns: key.columns } : undefined
}

/**
 * Whether a run can tell from its own records how an aggregate changes. If not (the file lacks the column, or
 * a trigger may write something else), its triggers stay on and count for themselves.
 */
function isComputable(aggregate: Aggregate, target: Target, { columns }: Mapping): boolean {
  const column = target.columns.find(({ name }) => name === aggregate.column)
  const brought = columns.some((each) => each.target === aggregate.column)
  return target.owned && target.actors.length === 0 && brought && !column?.generated
}

/** The groups of a freshly counted aggregate. @throws DasyError RECEIPT_UNBALANCED */
async function checkedGroups(session: Session, aggregate: Aggregate, expected: number): Promise<number> {
  const { groups, rows } = await sizeOf(session, aggregate)
  if (rows === expected) return groups
  throw unbalanced(
    `${count(expected)} rows were inserted, but the counts of ${aggregate.name} add up to ${count(rows)}`,
  )
}

export function toRows(read: number, rejected: number, duplicates: number, merged: MergeResult): Rows {
  return { read, rejected, duplicates, ...merged, deleted: 0 }
}
