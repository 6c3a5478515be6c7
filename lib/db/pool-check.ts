import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { DasyError, EXIT } from '../base/errors.js'
import { type Connection, drop, newClient } from './client.js'
import { connectionFailure, describe, statementFailure } from './failures.js'
import { ident } from './sql.js'

/**
 * Whether a connection pool (PgBouncer, say) keeps a backend for one client as long as that is connected. dasy needs
 * that: its advisory locks and settings belong to a backend. Two statements of one client prove nothing, as they may
 * well meet the same backend. So a second client tries whether it can have ours.
 */

const CONNECTING_MS = 15_000

/** How long the pool may take to hand out a backend before it is taken to have none left. */
const WAITING_MS = 1000

/** How long a notification may take. Those of a pool that keeps backends take milliseconds. */
const NOTIFICATION_MS = 5000

const READ_ONLY = '25006'

const BACKEND = 'SELECT pg_backend_pid() AS backend'

/**
 * @param backend the one that our client has met
 * @throws DasyError POOLED_CONNECTION if others may get it while we are connected. Nothing is changed then
 */
export async function requireOwnBackend(
  ours: pg.Client,
  backend: number,
  connection: Connection,
): Promise<void> {
  const other = newClient(connection, 'dasy pool check', connection.connectTimeoutMs ?? CONNECTING_MS)
  other.on('error', () => {})
  try {
    await other.connect().catch((error) => {
      throw connectionFailure(error, connection)
    })
    if (!(await isOurs(ours, backend, other))) throw pooled(connection)
  } catch (error) {
    throw error instanceof DasyError ? error : statementFailure(error)
  } finally {
    await closed(other)
  }
}

async function isOurs(ours: pg.Client, backend: number, other: pg.Client): Promise<boolean> {
  const theirs = backendOf(other)
  theirs.catch(() => {}) // reported by whoever waits for it
  if ((await within(WAITING_MS, theirs)) === undefined) {
    // There is none left. Those who wait are served in their order: if we, who come later, are not kept waiting, ours is
    // kept for us.
    const first = await Promise.race([theirs.then(() => 'theirs'), backendOf(ours).then((again) => again)])
    if (first !== 'theirs') return first === backend
  }
  if ((await theirs) === backend) return false
  return await isNotified(ours, other)
}

/**
 * A notification comes to a client that is idle only if its backend is its own. (Where it is not, some backend of the pool
 * may go on listening to a channel that nobody uses.)
 */
async function isNotified(ours: pg.Client, other: pg.Client): Promise<boolean> {
  const channel = ident(`dasy_${randomBytes(8).toString('hex')}`).sql
  try {
    await ours.query(`LISTEN ${channel}`)
  } catch (error) {
    // On a standby there are no notifications. Nothing is written there, and what reads needs no state.
    if ((error as pg.DatabaseError).code === READ_ONLY) return true
    throw error
  }
  const notified = new Promise<true>((resolve) => ours.once('notification', () => resolve(true)))
  await other.query(`NOTIFY ${channel}`)
  const isOurs = (await within(NOTIFICATION_MS, notified)) ?? false
  await ours.query(`UNLISTEN ${channel}`)
  return isOurs
}

async function backendOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ backend: number }>(BACKEND)
  return rows[0]?.backend ?? 0
}

/** Undefined if it takes longer. */
async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result | undefined> {
  const over = new AbortController()
  const late = sleep(milliseconds, undefined, { signal: over.signal }).catch(() => undefined)
  return await Promise.race([work, late]).finally(() => over.abort())
}

/** One that still waits for a backend is not asked to end in good order. */
async function closed(client: pg.Client): Promise<void> {
  const ended = client.end().then(
    () => true,
    () => true,
  )
  if (!(await within(WAITING_MS, ended))) drop(client)
}

function pooled(connection: Connection): DasyError {
  return new DasyError(
    'POOLED_CONNECTION',
    `${describe(connection)} is a connection pool that gives other clients the same server session between two statements (PgBouncer: pool_mode = transaction or statement)`,
    {
      hint: 'dasy needs a server session of its own: connect to PostgreSQL directly, or through a pool with pool_mode = session.',
      exitStatus: EXIT.unreachable,
    },
  )
}
