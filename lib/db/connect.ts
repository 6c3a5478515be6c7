import type pg from 'pg'
import { type Connection, destroy, newClient } from './client.js'
import { connectionFailure } from './failures.js'

/** The shortest connection timeout: a distant server may need this long. */
const MIN_CONNECT_MS = 2000
const DEFAULT_CONNECT_MS = 15_000

/**
 * @param signal aborts connecting
 * @param timeoutMs shortens the connection timeout, in milliseconds
 * @throws DasyError CONNECTION_FAILED
 */
export async function connect(
  connection: Connection,
  name: string,
  signal?: AbortSignal,
  timeoutMs = Number.POSITIVE_INFINITY,
): Promise<pg.Client> {
  const limitMs = connection.connectTimeoutMs ?? DEFAULT_CONNECT_MS
  const connectTimeoutMs = Math.max(MIN_CONNECT_MS, Math.min(limitMs, timeoutMs))
  const client = newClient(connection, name, connectTimeoutMs)
  // Without a listener, the error of a lost connection would end the process.
  client.on('error', () => {})
  const abort = (): void => destroy(client)
  signal?.addEventListener('abort', abort, { once: true })
  const began = performance.now()
  try {
    signal?.throwIfAborted()
    await client.connect()
    return client
  } catch (error) {
    const timedOut = performance.now() - began >= connectTimeoutMs
    await client.end().catch(() => {})
    throw connectionFailure(timedOut ? timeout(connectTimeoutMs) : error, connection)
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

function timeout(milliseconds: number): Error {
  return Object.assign(new Error(`no answer within ${milliseconds / 1000} s`), { code: 'ETIMEDOUT' })
}
