import { createServer, type Server } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import { listenFailed } from '../base/listen-failed.js'
import type { DatabaseOptions } from '../contract/options.js'
import { wholeNumber } from '../contract/values.js'
import { CONTENT_TYPE, Metrics } from './metrics.js'
import { MetricsSession } from './metrics-session.js'

export interface MetricsAddress {
  /** 0: any that is free. */
  readonly port: number
  /** 127.0.0.1 if not given. */
  readonly host?: string | undefined
}

/** Serves the metrics of this process by HTTP, and nothing else, until it is closed. */
export class MetricsServer implements AsyncDisposable {
  readonly #server: Server
  readonly #session: MetricsSession

  private constructor(
    server: Server,
    session: MetricsSession,
    readonly url: string,
  ) {
    this.#server = server
    this.#session = session
  }

  /** @throws DasyError PORT_IN_USE, LISTEN_FAILED */
  static async start(
    { port, host = '127.0.0.1' }: MetricsAddress,
    options: DatabaseOptions,
  ): Promise<MetricsServer> {
    wholeNumber('--metrics-port', port, 0, 65_535)
    const session = new MetricsSession(options)
    const metrics = new Metrics(session.use)
    const server = createServer((request, response) => {
      const isAsked =
        request.url?.split('?')[0] === '/metrics' && ['GET', 'HEAD'].includes(request.method ?? '')
      if (!isAsked) return void response.writeHead(404).end()
      void metrics.text().then(
        (text) => response.writeHead(200, { 'content-type': CONTENT_TYPE }).end(text),
        () => response.writeHead(500).end(),
      )
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port, host }, resolve)
    }).catch((error) => {
      throw listenFailed(error, host, port, '--metrics-port')
    })
    const { port: taken } = server.address() as AddressInfo
    return new MetricsServer(
      server,
      session,
      `http://${isIP(host) === 6 ? `[${host}]` : host}:${taken}/metrics`,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
    await this.#session[Symbol.asyncDispose]()
  }
}
