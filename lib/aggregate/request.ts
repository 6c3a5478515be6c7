import { DasyError } from '../base/errors.js'
import type { AggregateSetting } from '../contract/aggregates.js'
import type { AggregateKind } from '../contract/receipt.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { type Aggregate, aggregatesOf } from './aggregate.js'
import { requireLive } from './distinction.js'
import { kinds } from './kinds.js'
import type { Claim } from './names.js'
import { type CountedTable, planAggregate } from './plan.js'

/**
 * Creates the aggregates that the table does not have.
 * @throws DasyError COLUMN_NOT_FOUND, NAME_TAKEN, NAME_TOO_LONG, AGGREGATE_DIFFERS, AGGREGATE_NOT_LIVE
 */
export async function ensureAggregates(
  session: Session,
  target: CountedTable,
  wanted: readonly AggregateSetting[],
  note?: Claim['note'],
): Promise<void> {
  for (const { column, into, kind } of wanted) {
    const existing = findAggregate(await aggregatesOf(session, target.oid), column, into)
    if (existing) requireKind(existing, kind)
    else await createAggregate(session, target, column, into, kind, note)
  }
}

/** @throws DasyError COLUMN_NOT_FOUND, NAME_TAKEN, NAME_TOO_LONG, AGGREGATE_NOT_LIVE, AGGREGATE_NOT_POSSIBLE */
export async function createAggregate(
  session: Session,
  target: CountedTable,
  column: string,
  into: TableName | undefined,
  kind: AggregateKind,
  note?: Claim['note'],
): Promise<void> {
  const wanted = await planAggregate(session, target, column, into, note)
  if (kind === 'live') await requireLive(session, target.oid, column, target)
  await kinds[kind].create(session, wanted)
}

export function findAggregate(
  aggregates: readonly Aggregate[],
  column: string,
  into: TableName | undefined,
): Aggregate | undefined {
  return aggregates.find((each) => each.column === column && (into === undefined || each.name === into.name))
}

/** @throws DasyError AGGREGATE_DIFFERS */
export function requireKind(existing: Aggregate, kind: AggregateKind): void {
  if (existing.kind === kind) return
  const { name, column, target_schema: schema, target_name: table } = existing
  throw new DasyError(
    'AGGREGATE_DIFFERS',
    `the aggregate ${name} exists already, with the kind "${existing.kind}" instead of "${kind}"`,
    { hint: `Drop it first: dasy aggregate ${displayName({ schema, name: table })} ${column} --drop` },
  )
}
