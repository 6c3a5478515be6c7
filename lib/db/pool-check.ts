import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { DasyError, EXIT } from '../base/errors.js'
import { type Connection, destroy, newClient } from './client.js'
import { connectionFailure, describe, statementFailure } from './failures.js'
import { ident, query } from './sql.js'

/**
 * Checks that a connection pool (such as PgBouncer) keeps one backend for a client as long as that is connected. dasy needs
 * this, because its advisory locks and settings belong to a backend. Two statements of one client may get the same backend
 * by chance, so a second client tries to get the backend of the first.
 */

const CONNECT_MS = 15_000

/** If the pool takes longer than this to assign a backend, it is assumed to have no free one. */
const ASSIGN_MS = 1000

/** How long a notification may take. Through a pool that keeps backends it takes milliseconds. */
const NOTIFICATION_MS = 5000

const READ_ONLY = '25006'

const BACKEND = query`SELECT pg_backend_pid() AS backend`

/**
 * @param backend the process id of the backend that the client `ours` uses
 * @throws DasyError POOLED_CONNECTION if other clients can get that backend; nothing was changed then
 */
export async function requireOwnBackend(
  ours: pg.Client,
  backend: number,
  connection: Connection,
): Promise<void> {
  const other = newClient(connection, 'dasy pool check', connection.connectTimeoutMs ?? CONNECT_MS)
  other.on('error', () => {})
  try {
    await other.connect().catch((error) => {
      throw connectionFailure(error, connection)
    })
    if (!(await isOurs(ours, backend, other))) throw pooled(connection)
  } catch (error) {
    throw error instanceof DasyError ? error : statementFailure(error)
  } finally {
    await close(other)
  }
}

async function isOurs(ours: pg.Client, backend: number, other: pg.Client): Promise<boolean> {
  const theirs = backendOf(other)
  theirs.catch(() => {}) // the await below reports it
  if ((await within(ASSIGN_MS, theirs)) === undefined) {
    // The pool has no free backend. It serves clients in the order of their requests: if our later request is answered
    // first, our backend is reserved for us.
    const first = await Promise.race([theirs.then(() => 'theirs'), backendOf(ours)])
    if (first !== 'theirs') return first === backend
  }
  if ((await theirs) === backend) return false
  return await isNotified(ours, other)
}

/**
 * An idle client gets a notification only if it has a backend of its own. (If it does not, a backend of the pool may keep
 * listening to a channel that nobody uses.)
 */
async function isNotified(ours: pg.Client, other: pg.Client): Promise<boolean> {
  const channel = ident(`dasy_${randomBytes(8).toString('hex')}`)
  try {
    await ours.query(query`LISTEN ${channel}`)
  } catch (error) {
    // A standby has no notifications. On a standby dasy only reads, and needs no state in the backend.
    if ((error as pg.DatabaseError).code === READ_ONLY) return true
    throw error
  }
  const notified = new Promise<true>((resolve) => ours.once('notification', () => resolve(true)))
  await other.query(query`NOTIFY ${channel}`)
  const isOurs = (await within(NOTIFICATION_MS, notified)) ?? false
  await ours.query(query`UNLISTEN ${channel}`)
  return isOurs
}

async function backendOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ backend: number }>(BACKEND)
  return rows[0]?.backend ?? 0
}

/** @returns undefined if the work takes longer */
async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result | undefined> {
  const timer = new AbortController()
  const timeout = sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined)
  return await Promise.race([work, timeout]).finally(() => timer.abort())
}

/** A client that still waits for a backend cannot end by the protocol, so its socket is closed. */
async function close(client: pg.Client): Promise<void> {
  const ended = client.end().then(
    () => true,
    () => true,
  )
  if (!(await within(ASSIGN_MS, ended))) destroy(client)
}

function pooled(connection: Connection): DasyError {
  return new DasyError(
    'POOLED_CONNECTION',
    `${describe(connection)} is a connection pool that shares one server session between clients (PgBouncer: pool_mode = transaction or statement)`,
    {
      hint: 'dasy needs a server session of its own: connect to PostgreSQL directly, or through a pool with pool_mode = session.',
      exitStatus: EXIT.unreachable,
    },
  )
}
