import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import type { Test } from 'tap'

/** A message that was received. */
export interface Received {
  readonly id: string
  readonly type: string
  readonly data: {
    readonly run: number
    readonly table: string
    readonly batch: number
    readonly batches: number
    readonly changes: readonly object[]
    readonly [name: string]: unknown
  }
  /** How it was answered. */
  readonly status: number
  readonly bytes: number
}

/** A server that webhooks are sent to. */
export class Receiver {
  readonly all: Received[] = []
  url = ''
  /** Those of which one must have signed; each message is verified by the specification's own library. */
  secrets: string[] = []
  /** Answers a message; by default with 204. @returns the status */
  answer: (message: Received, response: ServerResponse) => number | Promise<number> = () => 204

  static async start(t: Test): Promise<Receiver> {
    const receiver = new Receiver()
    const server = createServer((request, response) => void receiver.#receive(t, request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
    t.teardown(() => {
      server.closeAllConnections()
      server.close()
    })
    return receiver
  }

  /** The messages that were taken, each once, in the order in which they came first. */
  get taken(): Received[] {
    const seen = new Set<string>()
    return this.all.filter(({ id, status }) => status < 300 && !seen.has(id) && seen.add(id))
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    const deadline = Date.now() + 120_000
    while (!isSo()) {
      if (Date.now() > deadline)
        throw new Error(
          `never ${what}: ${JSON.stringify(this.all.map(({ type, data, status }) => [type, data.run, data.batch, status]))}`,
        )
      await sleep(20)
    }
  }

  async #receive(t: Test, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const headers = request.headers as Record<string, string>
    const isSigned = this.secrets.some((secret) => {
      try {
        new Webhook(secret).verify(body, headers)
        return true
      } catch {
        return false
      }
    })
    if (!isSigned) t.fail('a message is not signed', { body: body.slice(0, 200) })
    const { type, data } = JSON.parse(body) as Received
    const message = { id: headers['webhook-id'] as string, type, data, bytes: body.length }
    const status = await this.answer({ ...message, status: 0 }, response)
    this.all.push({ ...message, status })
    if (!response.writableEnded && !response.destroyed) response.writeHead(status).end('answered')
  }
}
