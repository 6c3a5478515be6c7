import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { DasyError, EXIT } from '../base/errors.js'
import type { Session } from '../db/session.js'
import { query } from '../db/sql.js'

/** A request that its client may repeat: the first one makes a run, and the others are answered with it. */
export interface RepeatableRequest {
  /** Of the credential. */
  readonly token: number
  readonly key: string
}

const LONGEST = 255

/** What is at work in this process. */
const inFlight = new Set<string>()

/**
 * Marks a request with an Idempotency-Key as being at work.
 * @returns undefined if it has none
 * @throws DasyError IDEMPOTENCY_KEY_IN_FLIGHT, BAD_OPTION
 */
export function beginRepeatable(request: FastifyRequest): (RepeatableRequest & Disposable) | undefined {
  const { 'idempotency-key': key } = request.headers
  const { credential } = request
  if (key === undefined || credential === null) return undefined
  if (typeof key !== 'string' || key === '' || key.length > LONGEST)
    throw new DasyError('BAD_OPTION', `Idempotency-Key: must have 1 to ${LONGEST} characters`, {
      exitStatus: EXIT.usage,
    })
  const name = `${credential.token} ${key}`
  if (inFlight.has(name)) throw isInFlight()
  inFlight.add(name)
  return { token: credential.token, key, [Symbol.dispose]: () => inFlight.delete(name) }
}

/** What is compared of a request and its repetition. */
export function fingerprintOf(parts: readonly (object | Uint8Array)[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part instanceof Uint8Array ? part : JSON.stringify(part))
  return hash.digest()
}

/**
 * The run of the same request.
 * @throws DasyError IDEMPOTENCY_KEY_REUSED if it was another one
 */
export async function findRepeated(
  session: Session,
  { token, key }: RepeatableRequest,
  fingerprint: Buffer,
): Promise<number | undefined> {
  const row = await session.row<{ run: number; fingerprint: Buffer }>(
    query`SELECT run, fingerprint FROM dasy.requests
           WHERE token = $1 AND key = $2 AND made_at > now() - interval '24 hours'`,
    [token, key],
  )
  if (!row || row.fingerprint.equals(fingerprint)) return row?.run
  throw new DasyError('IDEMPOTENCY_KEY_REUSED', 'this Idempotency-Key was used for another request', {
    hint: 'Use a new key for each request.',
    details: { run: row.run },
  })
}

/**
 * Remembers the run of a request, in the transaction that makes it.
 * @throws DasyError IDEMPOTENCY_KEY_IN_FLIGHT if another process was faster
 */
export async function remember(
  session: Session,
  { token, key }: RepeatableRequest,
  fingerprint: Buffer,
  run: number,
): Promise<void> {
  await session.run(query`DELETE FROM dasy.requests WHERE made_at < now() - interval '24 hours'`)
  const inserted = await session.run(
    query`INSERT INTO dasy.requests (token, key, fingerprint, run) VALUES ($1, $2, $3, $4)
          ON CONFLICT DO NOTHING`,
    [token, key, fingerprint, run],
  )
  if (inserted === 0) throw isInFlight()
}

function isInFlight(): DasyError {
  return new DasyError('IDEMPOTENCY_KEY_IN_FLIGHT', 'a request with this Idempotency-Key is at work', {
    hint: 'Wait for its answer.',
  })
}
