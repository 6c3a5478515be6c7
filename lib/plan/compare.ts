import type { Aggregate } from '../aggregate/aggregate.js'
import { readGroups } from '../aggregate/storage.js'
import { hasRows, inspectTarget, requireTarget, type Target } from '../catalog/target.js'
import type { AggregateMovements } from '../contract/events.js'
import type { AggregateReceipt } from '../contract/receipt.js'
import { displayName } from '../contract/table-name.js'
import { type Fragment, fromCatalog, ident, list, sql } from '../db/sql.js'
import { recordSet, type SetColumns } from '../history/change-set.js'
import { forgetPlan } from '../history/prune.js'
import { type StoredColumn, storedColumns, withTextSettings } from '../history/value-text.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import type { Mapping } from '../mapping/columns.js'
import { requireSameMapping } from '../merge/mapping-changed.js'
import { rowsOf } from '../merge/staged-publication.js'
import { type MergeResult, mergeContext } from '../merge/strategy.js'
import { Upsert } from '../merge/upsert.js'
import type { CountedAggregate, Finish, Planned } from './context.js'
import { type Made, tryMaking } from './making.js'
import { movedGroups, type StoredRows } from './movements.js'
import { NewColumns } from './new-columns.js'
import { classifyNew } from './new-table.js'
import { onlyWriteTells } from './only-write-tells.js'
import { keepPlannedPlaces } from './planned-places.js'
import { PlanningWriter } from './planning-writer.js'
import { settledAggregates } from './settled-aggregates.js'

/** What was stored of a plan. */
interface Compared {
  readonly result: MergeResult
  readonly relation: number | null
  readonly columns: SetColumns
  readonly writer: PlanningWriter
  /** Whether it is compared with no row, so that it needs no digest. */
  readonly isEmpty: boolean
  readonly aggregates: readonly CountedAggregate[]
  readonly makes: boolean
}

/**
 * Plans a load by comparing its records with the table, in one snapshot and without a lock.
 * @returns undefined if only a write can tell what it would do
 * @throws MappingChanged, DasyError KEY_EXISTS and those of making a table
 */
export async function planByComparing(
  context: RunContext,
  judged: Judged,
  finish: Finish,
): Promise<Planned | undefined> {
  const { session, settings, tuning } = context
  const { before, after } = settings.hooks
  if (before.length > 0 || after.length > 0) return undefined
  const find = judged.mapper.mayMake ? inspectTarget : requireTarget
  const found = await find(session, settings.table)
  requireSameMapping(judged, found)
  const made = found ? undefined : await tryMaking(context, judged)
  return session.consistent(async () => {
    await tuning.apply(session)
    const target = await find(session, settings.table)
    const mapping = requireSameMapping(judged, target)
    const compared = target
      ? await compareWith(context, judged, mapping, target)
      : await compareWithNone(context, judged, mapping, made as Made)
    if (!compared) return undefined
    const planned = await store(context, judged, compared)
    await finish(planned, session)
    return planned
  })
}

/** Stores the head of the plan. */
async function store(
  context: RunContext,
  judged: Judged,
  { result, relation, columns, writer, isEmpty, aggregates, makes }: Compared,
): Promise<Planned> {
  const { session, run } = context
  const { inserted, updated, deleted } = result
  const { kind } = writer
  const digest = isEmpty ? undefined : await writer.digest()
  await recordSet(session, {
    ...{ run, relation, kind, columns, inserted, updated, deleted },
    ...(digest !== undefined && { digest }),
    planned: true,
  })
  await keepPlannedPlaces(context, session, kind)
  const moved = await aggregatesAfter(context, aggregates, { run, kind, columns })
  return { rows: rowsOf(judged, result), makes, ...moved }
}

/** Compares with the table as it is. */
async function compareWith(
  context: RunContext,
  judged: Judged,
  mapping: Mapping,
  target: Target,
): Promise<Compared | undefined> {
  const { session, run, settings } = context
  if (await onlyWriteTells(session, target, mapping, settings)) return undefined
  const aggregates = await settledAggregates(session, target, settings.policy.aggregates)
  if (!aggregates) return undefined

  await forgetPlan(session, run)
  const name = ident(target.schema, target.name)
  const added = await addedColumns(context, mapping, target)
  const existing = await withTextSettings(session, () => storedColumns(session, target.oid))
  const columns = splitColumns(mapping, [...existing, ...added])
  const writer = new PlanningWriter(session, run, withColumns(name, added), columns)
  const none = { computable: [], update: async () => [] }
  const upsert = new Upsert(mergeContext(context, judged, mapping, name), target, none, writer)
  const result = await upsert.write()
  await upsert.close()
  const isEmpty = !(await hasRows(session, settings.table, target))
  const makes = added.length > 0
  return { result, relation: target.oid, columns, writer, isEmpty, aggregates, makes }
}

/** Compares with no table: all keys are new. */
async function compareWithNone(
  context: RunContext,
  judged: Judged,
  mapping: Mapping,
  { columns: made, aggregates }: Made,
): Promise<Compared> {
  const { session, run } = context
  await forgetPlan(session, run)
  const columns = splitColumns(mapping, made)
  const empty = new NewColumns(session, run)
  await withTextSettings(session, () => empty.make(made))
  const writer = new PlanningWriter(session, run, empty.table, columns)
  const set = await classifyNew(context, judged, mapping)
  const { inserted, updated, deleted } = await writer.write(set.classified)
  await set.drop()
  await empty.drop()
  const result = { inserted, updated, deleted, unchanged: 0, skipped: 0 }
  return { result, relation: null, columns, writer, isEmpty: true, aggregates, makes: true }
}

/** The columns that the load adds, as they will be stored. */
async function addedColumns(
  { session, run }: RunContext,
  mapping: Mapping,
  { attributes }: Target,
): Promise<StoredColumn[]> {
  const added = mapping.columns.filter((column) => column.added)
  if (added.length === 0) return []
  const columns = new NewColumns(session, run)
  const stored = await columns.make(added.map(({ target, stored: { type } }) => ({ name: target, type })))
  await columns.drop()
  return stored.map((column, index) => ({ ...column, attribute: attributes + index + 1 }))
}

/** A FROM item: the table as if it had these columns. */
function withColumns(table: Fragment, added: readonly StoredColumn[]): Fragment {
  if (added.length === 0) return table
  const nulls = added.map(({ name, type }) => sql`CAST(NULL AS ${fromCatalog(type)}) AS ${ident(name)}`)
  return sql`(SELECT r.ctid, r.xmin, r.*, ${list(nulls)} FROM ${table} AS r)`
}

function splitColumns({ key: names }: Mapping, columns: readonly StoredColumn[]): SetColumns {
  const key = names.map(({ target }) => columns.find(({ name }) => name === target) as StoredColumn)
  return { key, others: columns.filter((column) => !key.includes(column)) }
}

/** The groups that the aggregates will have, and which of them move most. */
async function aggregatesAfter(
  { session, settings }: RunContext,
  aggregates: readonly CountedAggregate[],
  changes: StoredRows,
): Promise<Pick<Planned, 'aggregates' | 'movements'>> {
  const receipts: AggregateReceipt[] = []
  const movements: AggregateMovements[] = []
  for (const aggregate of aggregates) {
    const table = shownName(aggregate, settings.table.schema)
    const { groups, more } = await movedGroups(session, changes, aggregate)
    movements.push({ table, groups })
    if (aggregate.kind !== 'live') continue
    const before = aggregate.isNew ? 0 : await readGroups(session, aggregate)
    receipts.push({ table, groups: before + more })
  }
  return { aggregates: receipts, movements }
}

export function shownName({ schema, name }: Aggregate, named: string | undefined): string {
  return displayName({ schema: named === undefined ? undefined : schema, name })
}
