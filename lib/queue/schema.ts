import type pg from 'pg'
import { QUEUE_SCHEMA } from '../base/own-schema.js'
import type { Database } from '../db/database.js'
import { whileQueueSchemaIsLocked } from '../db/locks.js'
import { isQueueThere } from '../db/queue-schema.js'
import type { Session } from '../db/session.js'
import { query } from '../db/sql.js'
import { graphileWorker } from './graphile.js'
import { SessionPool } from './session-pool.js'

/** The number of the last migration of graphile-worker 0.17.3. */
const LAST_MIGRATION = 19

/** Creates or migrates the schema dasy_queue, which is graphile-worker's. */
export async function prepareQueue(database: Database, session: Session): Promise<void> {
  if (await isPrepared(session)) return
  await whileQueueSchemaIsLocked(session, async () => {
    if (await isPrepared(session)) return
    const { Logger, runMigrations } = graphileWorker()
    await using pool = new SessionPool(database)
    const logger = new Logger(() => () => {})
    const pgPool = pool as unknown as pg.Pool
    await runMigrations({ pgPool, schema: QUEUE_SCHEMA, logger }).catch((error) => {
      throw session.failure(error)
    })
  })
}

async function isPrepared(session: Session): Promise<boolean> {
  if (!(await isQueueThere(session))) return false
  const row = await session.row<{ last: number | null }>(
    query`SELECT max(id) AS last FROM dasy_queue.migrations`,
  )
  return (row?.last ?? 0) >= LAST_MIGRATION
}
