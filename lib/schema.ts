import { aggregatesOf, kinds, remnantsOf } from './aggregate/aggregate.js'
import { putInOrder } from './aggregate/order.js'
import { addProductsAggregate } from './aggregate/products.js'
import { inspectTarget, requireTarget } from './catalog/target.js'
import { Database } from './db/database.js'
import { claimSchema, lockTableName } from './db/locks.js'
import { isMigrated, type MigrationStatus, migrate, migrationStatus, migrations } from './db/migrations.js'
import type { Session } from './db/session.js'
import { ident, statement } from './db/sql.js'
import { DasyError } from './errors.js'
import { listRuns } from './ledger/history.js'
import type { DatabaseOptions } from './options.js'
import { displayName, type TableName } from './table-name.js'

/** What `dasy migrate` makes and removes: the schema dasy, products and products_agg. */

const PRODUCTS: TableName = { schema: undefined, name: 'products' }

export async function migrateUp(
  options: DatabaseOptions = {},
): Promise<{ applied: string[]; made: string[] }> {
  await using database = await Database.open(options)
  await using session = await database.session()
  const applied = await migrate(session)
  const made = await session.transaction(() => makeProducts(session, options.note))
  return { applied: applied.map(({ name }) => name), made }
}

async function makeProducts(session: Session, note: DatabaseOptions['note']): Promise<string[]> {
  const made: string[] = []
  const name = ident(PRODUCTS.name)
  await lockTableName(session, PRODUCTS)
  if (!(await inspectTarget(session, PRODUCTS))) {
    await session.run(statement('catalog/create_products'))
    await session.run(statement('merge/record_table'), [name.sql])
    made.push(PRODUCTS.name)
  }
  const target = await requireTarget(session, PRODUCTS)
  if (!target.owned) return made
  await session.run(statement('merge/lock_target', { target: ident(target.schema, target.name) }))
  await putInOrder(session, target.oid, note)
  const aggregate = await addProductsAggregate(session, target, note)
  return aggregate === undefined ? made : [...made, aggregate]
}

/** Removes what dasy made and nothing else: other tables lose their aggregates and triggers, and stay. */
export async function migrateDown(options: DatabaseOptions = {}): Promise<{ removed: string[] }> {
  await using database = await Database.openIfThere(options)
  if (!database) return { removed: [] }
  await using session = await database.session()
  if (!(await isMigrated(session))) return { removed: [] }
  await migrate(session, true)
  const removed = await session.transaction(async () => {
    await session.run(statement('catalog/lock_migrations'))
    if (!(await claimSchema(session))) throw await runsActive(session)
    await lockTableName(session, PRODUCTS)
    const gone: string[] = []
    const named = await namesFrom(session)
    for (const aggregate of await aggregatesOf(session, null)) {
      await kinds[aggregate.kind].drop(session, aggregate)
      gone.push(named(aggregate))
    }
    for (const remnant of await remnantsOf(session, null)) {
      if (remnant.kind === 'live') await kinds.live.drop(session, remnant)
    }
    const products = await inspectTarget(session, PRODUCTS)
    if (products?.ours) {
      await session.run(statement('catalog/drop_table', { table: ident(products.schema, products.name) }))
      gone.push(named(products))
    }
    await session.run(statement('catalog/drop_schema'))
    return [...gone, 'dasy']
  })
  return { removed }
}

/** How relations are called from here: with their schema, unless it is the one that new tables come into. */
async function namesFrom(session: Session): Promise<(relation: TableName) => string> {
  const row = await session.row<{ current: string | null }>('SELECT current_schema() AS current')
  return ({ schema, name }) => displayName({ schema: schema === row?.current ? undefined : schema, name })
}

async function runsActive(session: Session): Promise<DasyError> {
  const active = (await listRuns(session, null, null)).filter(({ status }) => status === 'running')
  const runs = active.map(({ run }) => run)
  const which = runs.length > 0 ? `run ${runs.join(', ')} is` : 'a load is'
  return new DasyError('RUN_ACTIVE', `${which} running; nothing was removed`, {
    hint: 'Wait until it is done, or stop it.',
    details: { runs },
  })
}

export async function migrateStatus(options: DatabaseOptions = {}): Promise<MigrationStatus[]> {
  await using database = await Database.openIfThere(options)
  if (!database) return migrations().map((each) => ({ ...each, appliedAt: null }))
  await using session = await database.session()
  return await migrationStatus(session)
}
