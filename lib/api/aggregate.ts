import { type Aggregate, aggregatesOf } from '../aggregate/aggregate.js'
import { compare } from '../aggregate/check.js'
import { kinds, sizeOf } from '../aggregate/kinds.js'
import { liveAggregates, repairAggregates } from '../aggregate/repair.js'
import { createAggregate, findAggregate, requireKind } from '../aggregate/request.js'
import { DasyError } from '../base/errors.js'
import { lockTarget, requireTarget, type Target } from '../catalog/target.js'
import { Events, type Note } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { AggregateOptions } from '../contract/options.js'
import type { AggregateCheck, AggregateKind, AggregateResult } from '../contract/receipt.js'
import { displayName, parseTableName, type TableName } from '../contract/table-name.js'
import { badValue } from '../contract/values.js'
import { Database } from '../db/database.js'
import { lockTableName } from '../db/locks.js'
import { migrate } from '../db/migrations.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'

const LARGEST = 10

/** What the caller asks for, and the locked table. */
interface Request {
  readonly session: Session
  readonly table: TableName
  readonly target: Target
  readonly column: string
  readonly into: TableName | undefined
  readonly options: AggregateOptions
  readonly note: Note
}

/**
 * Creates an aggregate of a table's column, or refreshes the one that exists, compares it with the table, or removes it.
 * @throws DasyError TABLE_NOT_FOUND, COLUMN_NOT_FOUND, AGGREGATE_NOT_FOUND, AGGREGATE_DIFFERS, AGGREGATE_NOT_LIVE,
 *   AGGREGATE_NOT_POSSIBLE, NAME_TAKEN
 */
export async function aggregate(
  table: string,
  column: string,
  options: AggregateOptions = {},
): Promise<AggregateResult> {
  requireKnownOptions('aggregate', options)
  requireSense(options)
  const name = parseTableName(table, 'TABLE')
  const { note } = new Events(options.onEvent)
  const into = options.into === undefined ? undefined : parseTableName(options.into, '--into')
  await using database = await Database.open(options)
  await using session = await database.session()
  await migrate(session)
  return await session.transaction(async () => {
    await lockTableName(session, name)
    const before = await requireTarget(session, name)
    // Writers wait during the count, so that no change is lost between the count and the triggers.
    await lockTarget(session, name, before, 'writers')
    const target = await requireTarget(session, name)
    const request: Request = { session, table: name, target, column, into, options, note }
    // An aggregate is dropped even if it is damaged, so this comes before the repair.
    const dropped = options.drop ? await findExisting(request) : undefined
    if (dropped) return await drop(request, dropped)
    if (!options.check && target.owned) await repairAggregates(session, target.oid, note)
    const existing = await findExisting(request)
    if (options.check) return await check(request, requireExisting(request, existing))
    if (options.drop)
      return await drop(request, requireExisting(request, existing, 'Nothing had to be dropped.'))
    return existing ? await refresh(request, existing) : await create(request)
  })
}

async function findExisting({ session, target, column, into }: Request): Promise<Aggregate | undefined> {
  return findAggregate(await aggregatesOf(session, target.oid), column, into)
}

/** @throws DasyError AGGREGATE_NOT_FOUND */
function requireExisting(
  { table, column }: Request,
  existing: Aggregate | undefined,
  hint = `Create it with "dasy aggregate ${displayName(table)} ${column}".`,
): Aggregate {
  if (existing) return existing
  const shown = displayName(table)
  throw new DasyError('AGGREGATE_NOT_FOUND', `${shown} has no aggregate of the column "${column}"`, {
    hint,
    details: { table: shown, column },
  })
}

async function create(request: Request): Promise<AggregateResult> {
  const { session, target, column, into, options, note } = request
  await createAggregate(session, target, column, into, wantedKind(options), note)
  return await result(request, (await findExisting(request)) as Aggregate, 'created')
}

/** @throws DasyError PERMISSION_DENIED if a count would miss rows */
function requireAllRows({ target, table }: Request): void {
  if (!target.actors.includes('row security')) return
  throw new DasyError(
    'PERMISSION_DENIED',
    `row security hides rows of ${displayName(table)} from this role, so it cannot count them`,
    {
      hint: 'Connect as a role with BYPASSRLS, or use a view (--as view), which counts the rows that its reader sees.',
    },
  )
}

async function refresh(request: Request, existing: Aggregate): Promise<AggregateResult> {
  const { session, target, options, note } = request
  const asked = options.as !== undefined || options.manual !== undefined
  if (asked) requireKind(existing, wantedKind(options))
  if (existing.kind !== 'view') requireAllRows(request)
  await kinds[existing.kind].refresh(session, existing)
  await liveAggregates(session, target.oid, note)
  return await result(request, existing, 'refreshed')
}

async function check(request: Request, existing: Aggregate): Promise<AggregateResult> {
  const { session, options } = request
  if (existing.kind !== 'view') requireAllRows(request)
  const compared = await compare(session, existing)
  const repaired = !options.dryRun && compared.differing > 0
  // Also if the counts are right: those of a restored dump are marked as complete by a refresh.
  if (!options.dryRun) await kinds[existing.kind].refresh(session, existing)
  return await result(request, existing, 'checked', { ...compared, repaired })
}

async function drop({ session, table, column }: Request, existing: Aggregate): Promise<AggregateResult> {
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
  request: Request,
  made: Aggregate,
  action: AggregateResult['action'],
  checked?: AggregateCheck,
): Promise<AggregateResult> {
  const { session, table, options } = request
  const isAsItWas = checked !== undefined && options.dryRun === true
  const described = {
    aggregate: table.schema === undefined ? made.name : `${made.schema}.${made.name}`,
    table: displayName(table),
    column: made.column,
    kind: made.kind,
    action,
    ...(checked && { check: checked }),
  }
  if (isAsItWas) return { ...described, groups: null, largest: [] }
  const { relation, value, count } = kinds[made.kind].contents(made)
  const largest = await session.rows<{ value: string | null; count: number }>(
    statement('api/largest_groups', { aggregate: relation, value_column: value, count }),
    [options.top ?? LARGEST],
  )
  const { groups } = await sizeOf(session, made)
  return { ...described, groups, largest }
}

function wantedKind({ as, manual }: AggregateOptions): AggregateKind {
  if (as === 'view') return 'view'
  return manual ? 'manual' : 'live'
}

/** @throws DasyError BAD_OPTION */
function requireSense({ check: isCheck, dryRun, drop: isDrop, manual, as }: AggregateOptions): void {
  if (dryRun && !isCheck) throw badValue('--dry-run', true, 'it is for --check only')
  const changes = isDrop || manual !== undefined || as !== undefined
  if (isCheck && changes)
    throw badValue('--check', true, 'it cannot be combined with --drop, --manual or --as')
}
