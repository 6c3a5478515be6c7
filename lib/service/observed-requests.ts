import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Session } from '../db/session.js'
import { query } from '../db/sql.js'
import { processLog } from '../observe/log.js'
import type { App } from './routing.js'
import type { Service } from './service.js'

/** The id of a request, by which its lines in logs are found: the client's, or that of a server before this one. */
export function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID()
}

/** Measures and logs requests. The path may have the key of a row, which is part of a record, so only its pattern is told. */
export function observeRequests(app: App, { metrics }: Service): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown')
    const seconds = elapsedTime / 1000
    metrics.requested(route, statusCode, seconds)
    const { id, method } = request
    const line = { request: id, method, route, status: statusCode, seconds: Math.round(elapsedTime) / 1000 }
    processLog()?.[statusCode >= 500 ? 'error' : 'info'](line, 'request')
  })
}

/** Records which request has put a run into the queue, in the same transaction. */
export async function noteRequest(session: Session, run: number, request: string): Promise<void> {
  await session.run(query`UPDATE dasy.jobs SET request = $2 WHERE run = $1`, [run, request])
}
