import { type Aggregate, allAggregates } from '../aggregate/aggregate.js'
import { kinds } from '../aggregate/kinds.js'
import { addProductsAggregate } from '../aggregate/products.js'
import { repairAggregates } from '../aggregate/repair.js'
import { DasyError } from '../base/errors.js'
import { OWN_SCHEMA, QUEUE_SCHEMA } from '../base/own-schema.js'
import { inspectTarget, lockTarget, recordTable, requireTarget } from '../catalog/target.js'
import { Events, type Note } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { DatabaseOptions } from '../contract/options.js'
import { displayName, type TableName } from '../contract/table-name.js'
import { Database } from '../db/database.js'
import { claimSchema, lockMigrations, lockTableName } from '../db/locks.js'
import {
  isMigrated,
  type MigrationStatus,
  migrate,
  migrateToRemove,
  migrationStatus,
  migrations,
} from '../db/migrations.js'
import { isQueueToBeRemoved } from '../db/queue-schema.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, query, statement } from '../db/sql.js'
import { listRuns } from '../ledger/history.js'

/** `dasy migrate` creates and removes the schema dasy, products and products_agg. */

const PRODUCTS: TableName = { schema: undefined, name: 'products' }

export interface MigrateUpResult {
  /** The names of the migrations that were applied. */
  readonly applied: string[]
  /** The table products and its aggregate, as far as they were missing. */
  readonly made: string[]
}

/** Applies the missing migrations, and creates products and its aggregate. @throws DasyError MIGRATION_CHANGED, SCHEMA_TOO_NEW, FOREIGN_SCHEMA */
export async function migrateUp(options: DatabaseOptions = {}): Promise<MigrateUpResult> {
  requireKnownOptions('migrate.up', options)
  await using database = await Database.open(options)
  await using session = await database.session()
  const applied = await migrate(session)
  const made = await session.transaction(() => makeProducts(session, new Events(options.onEvent).note))
  return { applied: applied.map(({ name }) => name), made }
}

async function makeProducts(session: Session, note: Note): Promise<string[]> {
  const made: string[] = []
  const name = ident(PRODUCTS.name)
  await lockTableName(session, PRODUCTS)
  if (!(await inspectTarget(session, PRODUCTS))) {
    await session.run(statement('api/create_products'))
    await recordProducts(session, name)
    made.push(PRODUCTS.name)
  }
  const target = await requireTarget(session, PRODUCTS)
  if (!target.owned) return made
  await lockTarget(session, PRODUCTS, target, 'writers')
  await repairAggregates(session, target.oid, note)
  const aggregate = await addProductsAggregate(session, target, note)
  return aggregate === undefined ? made : [...made, aggregate]
}

/**
 * An event trigger may attach something to the table in this transaction, which a load that creates the table again would lose.
 * By a savepoint the record is of another transaction than the table, so no load does so: see merge/is_as_made.sql.
 */
async function recordProducts(session: Session, table: Fragment): Promise<void> {
  const record = () => recordTable(session, table)
  const row = await session.row<{ exist: boolean }>(
    query`SELECT EXISTS (SELECT FROM pg_event_trigger) AS exist`,
  )
  if (row?.exist) await session.savepoint(record)
  else await record()
}

export interface MigrateDownResult {
  readonly removed: string[]
}

/**
 * Removes everything that dasy created. Tables of the user stay, without their aggregates and triggers.
 * @throws DasyError RUN_ACTIVE, SCHEMA_TOO_NEW, FOREIGN_SCHEMA
 */
export async function migrateDown(options: DatabaseOptions = {}): Promise<MigrateDownResult> {
  requireKnownOptions('migrate.down', options)
  await using database = await Database.openIfThere(options)
  if (!database) return { removed: [] }
  await using session = await database.session()
  if (!(await isMigrated(session))) return { removed: [] }
  const isKnown = await migrateToRemove(session)
  const removed = await session.transaction(async () => {
    await lockMigrations(session)
    if (!(await claimSchema(session))) throw runsActive(isKnown ? await activeRuns(session) : [])
    await lockTableName(session, PRODUCTS)
    const named = await namesFrom(session)
    const dropped = await (isKnown ? dropAggregates(session) : dropAggregateRelations(session))
    const gone = dropped.map(named)
    const products = await inspectTarget(session, PRODUCTS)
    if (products?.ours) {
      await session.run(query`DROP TABLE ${ident(products.schema, products.name)}`)
      gone.push(named(products))
    }
    await session.run(statement('api/drop_schema'))
    return [...gone, ...(await dropQueue(session)), OWN_SCHEMA]
  })
  return { removed }
}

/** The queue is made only if it is needed. @returns its schema, if there was one */
async function dropQueue(session: Session): Promise<string[]> {
  if (!(await isQueueToBeRemoved(session))) return []
  await session.run(query`DROP SCHEMA ${ident(QUEUE_SCHEMA)} CASCADE`)
  return [QUEUE_SCHEMA]
}

/** Names relations with their schema, unless it is the current one. */
async function namesFrom(session: Session): Promise<(relation: TableName) => string> {
  const row = await session.row<{ current: string | null }>('SELECT current_schema() AS current')
  return ({ schema, name }) => displayName({ schema: schema === row?.current ? undefined : schema, name })
}

async function dropAggregates(session: Session): Promise<Aggregate[]> {
  const { whole, remnants } = await allAggregates(session)
  for (const aggregate of whole) await kinds[aggregate.kind].drop(session, aggregate)
  for (const remnant of remnants) {
    if (remnant.kind === 'live') await kinds.live.drop(session, remnant)
  }
  return whole
}

/** The aggregates of a schema that another version created. Their triggers are dropped with their functions, by CASCADE. */
async function dropAggregateRelations(session: Session): Promise<TableName[]> {
  const relations = await session.rows<{ schema: string; name: string; is_view: boolean }>(
    statement('api/list_aggregate_relations'),
  )
  for (const { schema, name, is_view } of relations) {
    const relation = ident(schema, name)
    await session.run(is_view ? query`DROP VIEW ${relation}` : query`DROP TABLE ${relation}`)
  }
  return relations
}

async function activeRuns(session: Session): Promise<number[]> {
  const runs = await listRuns(session)
  return runs.filter(({ status }) => status === 'running').map(({ run }) => run)
}

function runsActive(runs: readonly number[]): DasyError {
  const which = runs.length > 0 ? `run ${runs.join(', ')} is` : 'a load, or "dasy work", is'
  return new DasyError('RUN_ACTIVE', `${which} running; nothing was removed`, {
    hint: 'Wait until it has ended, or stop it.',
    details: { runs },
  })
}

/** Every migration, and when it was applied. @throws DasyError MIGRATION_CHANGED, SCHEMA_TOO_NEW */
export async function migrateStatus(options: DatabaseOptions = {}): Promise<MigrationStatus[]> {
  requireKnownOptions('migrate.status', options)
  await using database = await Database.openIfThere(options)
  if (!database) return migrations().map((each) => ({ ...each, appliedAt: null }))
  await using session = await database.session()
  return await migrationStatus(session)
}
