import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A request as it goes over the wire, but for its body. */
export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string | number>
}

export interface RawAnswer {
  readonly status: number
  readonly body: string
}

/** Only there to end what hangs: answers come at once, and the service closes what is kept open for nothing after 72 seconds. */
const LIMIT_MS = 20_000

/** A connection on which the test decides when which bytes are sent, and when it reads. */
export class RawConnection {
  #text = ''
  #error: Error | undefined

  private constructor(readonly socket: Socket) {
    socket.on('error', (error) => {
      this.#error = error
    })
  }

  static async to(t: Test, url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  async begin({ method, path, headers }: RawRequest): Promise<void> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    await this.send(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}\r\n`)
  }

  /** Sends bytes. @returns when the system has taken them */
  send(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) =>
      this.socket.write(bytes, (error) => (error ? reject(error) : resolve())),
    )
  }

  /** The next answer, whole. It has a length. */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const [head = '', ...rest] = this.#text.split('\r\n\r\n')
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1])
      const body = rest.join('\r\n\r\n')
      if (rest.length > 0 && Buffer.byteLength(body) >= length) {
        this.#text = Buffer.from(body).subarray(length).toString()
        return { status: Number(head.split(' ')[1]), body: Buffer.from(body).subarray(0, length).toString() }
      }
      await this.#more()
    }
  }

  /** Waits until the service closes the connection. @throws if it resets it */
  async end(): Promise<void> {
    this.socket.resume()
    if (!this.socket.readableEnded) await once(this.socket, 'end', { signal: AbortSignal.timeout(LIMIT_MS) })
  }

  async #more(): Promise<void> {
    const bytes = this.socket.read() as Buffer | null
    if (bytes) this.#text += bytes
    else if (this.#error) throw this.#error
    else if (this.socket.readableEnded) throw new Error(`the connection was closed after: ${this.#text}`)
    else
      await Promise.race([
        once(this.socket, 'readable', { signal: AbortSignal.timeout(LIMIT_MS) }),
        once(this.socket, 'end'),
      ])
  }
}
