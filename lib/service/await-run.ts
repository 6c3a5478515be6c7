import type { FastifyReply, FastifyRequest } from 'fastify'
import { runsIn } from '../api/runs.js'
import type { ErrorCode } from '../base/error-codes.js'
import { DasyError } from '../base/errors.js'
import type { KnownReceipt } from '../contract/receipt.js'
import type { RunFeed } from './run-feed.js'
import type { Service } from './service.js'

/** Answers a request that has put a run into the queue: at once, or when the run has ended. */
export class RunAnswers {
  readonly #service: Service
  readonly #feed: RunFeed

  constructor(service: Service, feed: RunFeed) {
    this.#service = service
    this.#feed = feed
  }

  /**
   * @returns what a handler returns that has answered already
   * @throws DasyError the run's own
   */
  async send(request: FastifyRequest, reply: FastifyReply, run: number, wait = false): Promise<never> {
    reply.header('location', `/v1/runs/${run}`)
    if (!wait) return reply.code(202).send({ run, status: 'queued' }) as never
    await this.#ended(request, reply, run)
    const [receipt] = await this.#service.sessions.use((session) => runsIn(session, { run }))
    if (receipt?.status === 'completed' || receipt?.status === 'planned') return reply.send(receipt) as never
    throw errorOf(run, receipt)
  }

  async #ended({ raw: { socket } }: FastifyRequest, { raw }: FastifyReply, run: number): Promise<void> {
    const left = new AbortController()
    raw.once('close', () => left.abort())
    // Nothing is sent until the run has ended.
    const { timeout = 0 } = socket
    socket.setTimeout(0)
    try {
      await this.#feed.ended(run, left.signal)
    } catch {
      throw new DasyError('SERVER_BUSY', `the service stops; run ${run} goes on when it serves again`, {
        hint: `See the run: /v1/runs/${run}`,
        details: { run },
      })
    } finally {
      socket.setTimeout(timeout)
    }
  }
}

function errorOf(run: number, receipt: KnownReceipt | undefined): DasyError {
  const { code, message, hint } = receipt?.error ?? { code: 'INTERRUPTED', message: 'the run was stopped' }
  const { status, rows } = receipt ?? { status: null, rows: null }
  return new DasyError(code as ErrorCode, message, {
    hint: hint ?? undefined,
    details: { run, runStatus: status, rows },
  })
}
