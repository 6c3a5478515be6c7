import { requireTarget, type Target } from '../catalog/target.js'
import { Database } from '../db/database.js'
import { lockTableName } from '../db/locks.js'
import { migrate } from '../db/migrations.js'
import type { Session } from '../db/session.js'
import { ident, statement } from '../db/sql.js'
import { DasyError } from '../errors.js'
import { refuseForeignOptions } from '../known-options.js'
import type { AggregateKind, AggregateOptions } from '../options.js'
import type { AggregateResult } from '../receipt.js'
import { displayName, parseTableName, type TableName } from '../table-name.js'
import { type Aggregate, aggregatesOf, kinds, sizeOf } from './aggregate.js'
import { setGroups } from './groups.js'
import { planAggregate } from './plan.js'
import { findAggregate, requireKind } from './wish.js'

const LARGEST = 10

/**
 * Makes an aggregate of a table's column, or brings the one that is there up to date.
 * @throws DasyError TABLE_NOT_FOUND, COLUMN_NOT_FOUND, AGGREGATE_NOT_FOUND, AGGREGATE_DIFFERS, NAME_TAKEN
 */
export async function aggregate(
  table: string,
  column: string,
  options: AggregateOptions = {},
): Promise<AggregateResult> {
  refuseForeignOptions('aggregate', options)
  const name = parseTableName(table, 'TABLE')
  const into = options.into === undefined ? undefined : parseTableName(options.into, '--into')
  await using database = await Database.open(options)
  await using session = await database.session()
  await migrate(session)
  return await session.transaction(async () => {
    await lockTableName(session, name)
    const target = await requireTarget(session, name)
    // Writers wait while it is counted; so nothing is missed between the count and the triggers.
    await session.run(statement('merge/lock_target', { target: ident(target.schema, target.name) }))
    const existing = await findExisting(session, target, column, into)
    if (options.drop) return await drop(session, name, column, existing)
    return existing
      ? await refresh(session, name, existing, options)
      : await create(session, name, target, column, into, options)
  })
}

async function findExisting(
  session: Session,
  target: Target,
  column: string,
  into: TableName | undefined,
): Promise<Aggregate | undefined> {
  return findAggregate(await aggregatesOf(session, target.oid), column, into)
}

async function create(
  session: Session,
  table: TableName,
  target: Target,
  column: string,
  into: TableName | undefined,
  options: AggregateOptions,
): Promise<AggregateResult> {
  await kinds[wantedKind(options)].create(session, await planAggregate(session, target, column, into))
  const made = (await findExisting(session, target, column, into)) as Aggregate
  return await result(session, table, made, 'created', options.top)
}

async function refresh(
  session: Session,
  table: TableName,
  existing: Aggregate,
  options: AggregateOptions,
): Promise<AggregateResult> {
  const asked = options.as !== undefined || options.manual !== undefined
  if (asked) requireKind(existing, wantedKind(options))
  await kinds[existing.kind].refresh(session, existing)
  return await result(session, table, existing, 'refreshed', options.top)
}

async function drop(
  session: Session,
  table: TableName,
  column: string,
  existing: Aggregate | undefined,
): Promise<AggregateResult> {
  if (!existing) {
    throw new DasyError(
      'AGGREGATE_NOT_FOUND',
      `${displayName(table)} has no aggregate of the column "${column}"`,
      {
        hint: 'Nothing had to be dropped.',
        details: { table: displayName(table), column },
      },
    )
  }
  await kinds[existing.kind].drop(session, existing)
  const { kind, name } = existing
  return {
    aggregate: name,
    table: displayName(table),
    column,
    kind,
    action: 'dropped',
    groups: null,
    largest: [],
  }
}

async function result(
  session: Session,
  table: TableName,
  made: Aggregate,
  action: 'created' | 'refreshed',
  top = LARGEST,
): Promise<AggregateResult> {
  const largest = await session.rows<{ value: string | null; count: number }>(
    statement('aggregate/largest', {
      aggregate: ident(made.schema, made.name),
      value_column: ident(made.value_column),
      count: ident(made.count_column),
    }),
    [top],
  )
  const { groups } = await sizeOf(session, made)
  if (made.kind === 'live') await setGroups(session, made, groups)
  return {
    aggregate: table.schema === undefined ? made.name : `${made.schema}.${made.name}`,
    table: displayName(table),
    column: made.column,
    kind: made.kind,
    action,
    groups,
    largest,
  }
}

function wantedKind({ as, manual }: AggregateOptions): AggregateKind {
  if (as === 'view') return 'view'
  return manual ? 'manual' : 'live'
}
