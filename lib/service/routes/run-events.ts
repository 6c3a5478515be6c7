import type { ServerResponse } from 'node:http'
import { Type } from 'typebox'
import { runsIn } from '../../api/runs.js'
import { runNotFound } from '../../ledger/stored-run.js'
import type { Authentication } from '../authentication.js'
import type { App } from '../routing.js'
import { endOf, RunEvents, textOf } from '../run-events.js'
import { hasEnded, lookAt, type RunFeed, type Snapshot } from '../run-feed.js'
import { NoContent, RunParameters } from '../schemas/common.js'
import type { Service } from '../service.js'

/** So that nobody in between takes the connection for dead. */
const COMMENT_MS = 15_000
/** How often it is asked whether a listener's token still holds. */
const CHECK_MS = 15_000
/** How long a client waits before it connects again, in milliseconds. */
const RETRY = 2000

const EventStream = Type.String({
  description: 'The events `phase`, `progress`, then `receipt` or `failed`, with ids for Last-Event-ID',
})

export function runEventRoutes(feed: RunFeed) {
  return (app: App, { sessions, stopping }: Service, authentication: Authentication): void => {
    app.get(
      '/v1/runs/:run/events',
      {
        config: { scope: 'read' },
        schema: {
          tags: ['runs'],
          summary: 'What a run does, as Server-Sent Events, until it has ended',
          params: RunParameters,
          response: {
            200: { content: { 'text/event-stream': { schema: EventStream } } },
            204: NoContent,
          },
        },
      },
      async (request, reply) => {
        const { params, headers } = request
        const { run } = params
        const [snapshot] = await sessions.use((session) => lookAt(session, [run]))
        if (!snapshot) throw runNotFound(run)
        const lastId = headers['last-event-id']?.toString()
        const last = await endIfEnded(snapshot)
        // This is how a client is told that there is nothing more to wait for.
        if (last !== undefined && last.id === lastId) return reply.code(204).send(null)
        reply.hijack()
        // It is gone already, so nothing would tell that it goes.
        if (reply.raw.destroyed) return
        const listener = new EventListener(reply.raw, { ...reply.getHeaders() }, lastId)
        if (last) {
          listener.end(textOf(last))
          return
        }
        const take = (next: Snapshot): void => {
          if (hasEnded(next)) end(next)
          else listener.take(next)
        }
        const end = (next: Snapshot): void => {
          stop()
          void endIfEnded(next).then(
            (event) => listener.end(event && textOf(event)),
            () => listener.end(),
          )
        }
        const stop = feed.follow(run, take)
        const leave = (): void => listener.end()
        stopping.addEventListener('abort', leave, { once: true })
        const checks = setInterval(
          async () => (await authentication.stillHolds(request)) || leave(),
          CHECK_MS,
        )
        reply.raw.once('close', () => {
          stop()
          clearInterval(checks)
          stopping.removeEventListener('abort', leave)
        })
        take(snapshot)
      },
    )

    async function endIfEnded(snapshot: Snapshot) {
      if (!hasEnded(snapshot)) return undefined
      const { run } = snapshot
      const [receipt] = await sessions.use((session) => runsIn(session, { run }))
      return receipt && endOf(snapshot, receipt)
    }
  }
}

/** One who listens. If it reads too slowly, it is told only how far the run is when it reads again: nothing is kept for it. */
class EventListener {
  readonly #response: ServerResponse
  readonly #events: RunEvents
  readonly #comments: NodeJS.Timeout

  constructor(response: ServerResponse, headers: object, lastId: string | undefined) {
    this.#response = response
    this.#events = new RunEvents(lastId)
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Some servers in between keep an answer until it is long.
      'x-accel-buffering': 'no',
    })
    response.on('error', () => {})
    response.write(`retry: ${RETRY}\n\n`)
    this.#comments = setInterval(() => this.#write(':\n\n'), COMMENT_MS)
    response.once('close', () => clearInterval(this.#comments))
  }

  take(snapshot: Snapshot): void {
    if (this.#response.writableNeedDrain) return
    for (const event of this.#events.of(snapshot)) this.#write(textOf(event))
  }

  end(text?: string): void {
    clearInterval(this.#comments)
    if (!this.#response.writableEnded) this.#response.end(text)
  }

  #write(text: string): void {
    if (!this.#response.writableNeedDrain && !this.#response.writableEnded) this.#response.write(text)
  }
}
