import type { IncomingMessage } from 'node:http'
import type { Origin } from '../origins/origin.js'
import { bare, parseUrl, shown } from '../url.js'
import { readAhead } from './read-ahead.js'
import { type HttpOptions, HttpResource } from './resource.js'
import { partOf } from './version.js'

/**
 * Bytes of the first request. They are kept while the origin is open, because the beginning of a source is read more than
 * once.
 */
const HEAD = 256 * 1024

/** The first answer, by what the server supports. */
type Opening =
  /** Ranges: the first bytes, and the size. */
  | { readonly head: Uint8Array; readonly size: number }
  /** No ranges: the whole content, not read yet. */
  | { readonly whole: IncomingMessage }

/**
 * A file on a web server or in an object store. All requests are GET, because presigned URLs are signed for that only.
 * `size`, `readAt` and the failures that `stream` survives depend on whether the server supports ranges.
 */
export class HttpOrigin implements Origin {
  readonly kind: 'http' | 'client-http'
  readonly name: string
  readonly path: string | null
  readonly repeatable: boolean
  readonly size: number | undefined
  readonly readAt?: (into: Uint8Array, offset: number) => Promise<number>
  readonly #resource: HttpResource
  readonly #opening: Opening
  /** The whole content of the first answer, for the first stream. */
  #whole: IncomingMessage | undefined

  private constructor(address: URL, resource: HttpResource, opening: Opening, isOfClient: boolean) {
    this.kind = isOfClient ? 'client-http' : 'http'
    this.name = shown(address)
    this.#resource = resource
    this.#opening = opening
    const { etag, lastModified } = resource.version
    // Without either, a later change of the content goes unnoticed.
    this.repeatable = etag !== null || lastModified !== null
    this.path = this.repeatable ? bare(address).href : null
    this.size = resource.version.size ?? undefined
    if ('whole' in opening) this.#whole = opening.whole
    else this.readAt = (into, offset) => this.#readAt(into, offset, opening)
  }

  /**
   * Requests the first bytes.
   * @throws DasyError BAD_URL, FILE_NOT_FOUND, FILE_UNREADABLE, FILE_UNREACHABLE, HTTP_STATUS, REDIRECT_FAILED, URL_NOT_ALLOWED;
   * the signal's reason
   */
  static async open(url: string, options: HttpOptions): Promise<HttpOrigin> {
    const address = parseUrl(url)
    const resource = new HttpResource(address, options)
    try {
      return new HttpOrigin(address, resource, await opened(resource), options.clientUrls !== undefined)
    } catch (error) {
      resource.close()
      throw error
    }
  }

  get identity(): Readonly<Record<string, unknown>> {
    return { ...this.#resource.version }
  }

  /** @throws DasyError READ_FAILED, SOURCE_CHANGED, and as `open`; the signal's reason */
  stream(): AsyncGenerator<Uint8Array> {
    const whole = this.#whole
    this.#whole = undefined
    return 'head' in this.#opening ? this.#inParts(this.#opening) : this.#resource.all(whole)
  }

  /** Nothing to do: each answer was compared with the first one. */
  async verifyUnchanged(): Promise<void> {}

  /** Aborts requests in progress. */
  async close(): Promise<void> {
    this.#resource.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async *#inParts({ head, size }: { head: Uint8Array; size: number }): AsyncGenerator<Uint8Array> {
    if (head.length > 0) yield Uint8Array.from(head)
    yield* readAhead(
      (into, offset, signal) => this.#resource.fill(into, offset, signal),
      head.length,
      size,
      this.#resource.ended,
    )
  }

  async #readAt(
    into: Uint8Array,
    offset: number,
    { head, size }: { head: Uint8Array; size: number },
  ): Promise<number> {
    const length = Math.max(0, Math.min(into.length, size - offset))
    const known = head.subarray(offset, offset + length)
    into.set(known)
    await this.#resource.fill(into.subarray(known.length, length), offset + known.length)
    return length
  }
}

async function opened(resource: HttpResource): Promise<Opening> {
  const answer = await resource.askWithRetries({ from: 0, to: HEAD })
  if (answer.statusCode === 200) return { whole: answer }
  const { size } = resource.version
  if (answer.statusCode === 416 && size === 0) {
    answer.destroy()
    return { head: new Uint8Array(), size }
  }
  const part = partOf(answer)
  if (answer.statusCode === 206 && size !== null && part?.from === 0 && part.to <= HEAD) {
    const head = new Uint8Array(Math.min(HEAD, size))
    await resource.fill(head, 0, undefined, answer)
    return { head, size }
  }
  // The server answers with ranges that dasy cannot use.
  answer.destroy()
  return { whole: await resource.askWithRetries(undefined) }
}
