import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'

/** A web server with one content, that does what web servers do: takes ranges or not, breaks off, redirects, idles. */

/** A request as it was answered. */
export interface Seen {
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  /** Counted from 1. */
  readonly nth: number
  /** What of the content is sent: all of it, where ranges are not taken. */
  from: number
  to: number
  /** Bytes of the body that went out. */
  sent: number
}

export interface Behaviour {
  /** Whether ranges are taken; false answers 200 and everything. */
  ranges?: boolean
  /** Null: it has none. */
  etag?: string | null
  lastModified?: string | null
  /** Whether `If-Match` is heeded. */
  conditions?: boolean
  /** Whether the length of everything is told; without it, it goes out in chunks. */
  length?: boolean
  /** What else the answers say. */
  headers?: http.OutgoingHttpHeaders
  /** An answer without content, in place of the one with it; or none at all, or a broken connection. */
  instead?: (
    seen: Seen,
  ) => { status: number; headers?: http.OutgoingHttpHeaders } | 'silence' | 'reset' | undefined
  /** After how many bytes of a body the connection ends. */
  cut?: (seen: Seen) => number | undefined
  /** After how many bytes of a body nothing comes any more. */
  stall?: (seen: Seen) => number | undefined
  /** Slowly: so many bytes, then a pause. */
  drip?: { bytes: number; everyMs: number }
  /** By how many bytes a range is another one than was asked for. */
  shift?: number
  /** The longest range that is sent. */
  longest?: number
  tls?: { key: string | Buffer; cert: string | Buffer }
}

interface Content {
  readonly size: number
  read(from: number, to: number): Uint8Array
}

const PIECE = 64 * 1024

export class WebServer {
  readonly requests: Seen[] = []
  /** Where it is, as data.csv; any other path leads to the same content. */
  readonly url: string
  readonly #server: http.Server
  readonly #behaviour: Behaviour
  #content: Content

  constructor(server: http.Server, content: Content, behaviour: Behaviour) {
    this.#server = server
    this.#content = content
    this.#behaviour = behaviour
    this.url = `${behaviour.tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/data.csv`
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error) => response.destroy(error))
    })
  }

  get bytesSent(): number {
    return this.requests.reduce((sum, { sent }) => sum + sent, 0)
  }

  /** Bytes that went out more than once. */
  get bytesRepeated(): number {
    let end = 0
    let repeated = 0
    for (const { from, sent } of this.requests.toSorted((one, other) => one.from - other.from)) {
      repeated += Math.max(0, Math.min(end, from + sent) - from)
      end = Math.max(end, from + sent)
    }
    return repeated
  }

  /** There is something else from now on. */
  change(content: Uint8Array | string, behaviour: Behaviour): void {
    this.#content = contentOf(content)
    Object.assign(this.#behaviour, behaviour)
  }

  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
    })
  }

  /** Refuses connections from now on, and breaks those there are. */
  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const behaviour = this.#behaviour
    const content = this.#content
    const seen = this.#seen(request, content.size)
    const instead = behaviour.instead?.(seen)
    if (instead === 'silence') return
    if (instead === 'reset') return void request.socket.resetAndDestroy()
    const head = instead ?? this.#head(seen, content.size)
    response.writeHead(head.status, head.headers).flushHeaders()
    if (instead || ![200, 206].includes(head.status)) return void response.end()
    const cut = behaviour.cut?.(seen)
    const stall = behaviour.stall?.(seen)
    await this.#send(seen, content, response, Math.min(cut ?? Infinity, stall ?? Infinity))
    if (seen.from + seen.sent === seen.to) response.end()
    else if (cut !== undefined) response.socket?.end() // what was sent does arrive
  }

  #seen({ url = '', headers }: IncomingMessage, size: number): Seen {
    const { ranges = true, shift = 0, longest = Infinity } = this.#behaviour
    const seen = { path: url, headers, nth: this.requests.length + 1, from: 0, to: size, sent: 0 }
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    if (ranges && first !== undefined) {
      seen.from = Number(first) + shift
      seen.to = Math.min(Number(last) + 1 + shift, seen.from + longest, size)
    }
    this.requests.push(seen)
    return seen
  }

  #head({ headers, from, to }: Seen, size: number): { status: number; headers: http.OutgoingHttpHeaders } {
    const { ranges = true, conditions = true, length = true, etag = '"1"', lastModified } = this.#behaviour
    const said = {
      ...(etag !== null && { ETag: etag }),
      ...(lastModified && { 'Last-Modified': lastModified }),
      ...this.#behaviour.headers,
    }
    const match = headers['if-match']
    if (conditions && match !== undefined && match !== etag) return { status: 412, headers: {} }
    if (!ranges || headers.range === undefined) {
      return { status: 200, headers: { ...(length && { 'Content-Length': size }), ...said } }
    }
    if (from >= size) return { status: 416, headers: { 'Content-Range': `bytes */${size}`, ...said } }
    const range = { 'Content-Range': `bytes ${from}-${to - 1}/${size}`, 'Content-Length': to - from }
    return { status: 206, headers: { ...range, ...said } }
  }

  async #send(seen: Seen, content: Content, response: ServerResponse, most: number): Promise<void> {
    const { drip } = this.#behaviour
    while (seen.from + seen.sent < seen.to && seen.sent < most && !response.destroyed) {
      const at = seen.from + seen.sent
      const length = Math.min(drip?.bytes ?? PIECE, most - seen.sent, seen.to - at)
      seen.sent += length
      if (!response.write(content.read(at, at + length))) await drained(response)
      if (drip) await sleep(drip.everyMs)
    }
  }
}

/** A server that goes with the test. @param content bytes, or the path of a file */
export async function serve(
  t: Test,
  content: Uint8Array | string,
  behaviour: Behaviour = {},
): Promise<WebServer> {
  const server = behaviour.tls ? https.createServer(behaviour.tls) : http.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const made = new WebServer(server, contentOf(content), behaviour)
  t.teardown(() => made.stop())
  return made
}

/** The same answer to the first few requests, and none of this to those that follow. */
export function times<Answer>(count: number, answer: Answer): () => Answer | undefined {
  let left = count
  return () => (left-- > 0 ? answer : undefined)
}

function contentOf(content: Uint8Array | string): Content {
  if (typeof content !== 'string') {
    return { size: content.length, read: (from, to) => content.subarray(from, to) }
  }
  const using = <Result>(work: (fd: number) => Result): Result => {
    const fd = openSync(content, 'r')
    try {
      return work(fd)
    } finally {
      closeSync(fd)
    }
  }
  return {
    size: using((fd) => fstatSync(fd).size),
    read: (from, to) =>
      using((fd) => {
        const bytes = Buffer.allocUnsafe(to - from)
        return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from))
      }),
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}
