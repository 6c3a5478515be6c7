import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Backoff } from '../backoff.js'
import { changed } from './file-origin.js'
import { HttpClient, SILENCE, type Silence } from './http-client.js'
import {
  askedToWait,
  cannotGoOn,
  lost,
  mayHaveExpired,
  mayPass,
  misanswered,
  refused,
} from './http-failures.js'
import { differs, isStrong, type Part, partOf, type Version, versionOf } from './http-version.js'
import { bare, shown } from './url.js'

export interface HttpOptions {
  /** Ends everything at once: what is under way fails with the signal's reason. */
  signal?: AbortSignal | undefined
  /** How long after the first failure without progress to go on trying, in milliseconds. */
  patienceMs: number
  /** Told, a line each, what is tried again. */
  note?: ((line: string) => void) | undefined
  /** How long a server may be silent, where not as usual. */
  silence?: Silence | undefined
}

/** What is stored as a coded content is decompressed by what it is; of others there is no telling. */
const CODINGS = ['', 'identity', 'gzip', 'x-gzip', 'zstd']

/**
 * The content at an address. Asks again for what may pass, and sees to it that all answers are about the same version
 * of the content: the one of the first answer.
 */
export class HttpResource {
  /** Aborted when the origin is closed, or the caller wants no more. */
  readonly ended: AbortSignal
  readonly #address: URL
  readonly #client: HttpClient
  readonly #options: HttpOptions
  readonly #closing = new AbortController()
  /** Where the redirects led. */
  #place: URL
  #version: Version | undefined
  /** Whether a failure was told that nothing was achieved since. */
  #told = false

  /** @throws DasyError BAD_URL */
  constructor(address: URL, options: HttpOptions) {
    this.#address = bare(address)
    this.#place = this.#address
    this.#options = options
    this.#client = new HttpClient(address, options.silence ?? SILENCE)
    this.ended = options.signal
      ? AbortSignal.any([this.#closing.signal, options.signal])
      : this.#closing.signal
  }

  /** Of the first answer. */
  get version(): Version {
    return this.#version ?? { etag: null, lastModified: null, size: null }
  }

  /**
   * One answer: of status 200, 206 or 416.
   * @param part what to ask for; undefined for all of it
   * @throws DasyError FILE_NOT_FOUND, FILE_UNREADABLE, HTTP_STATUS, SOURCE_CHANGED, REDIRECT_FAILED; else what Node.js says
   */
  async ask(part: Part | undefined, signal = this.ended): Promise<IncomingMessage> {
    const response = await this.#get(this.#headers(part), signal)
    const { statusCode = 0, headers } = response
    try {
      if (statusCode === 412) throw changed(shown(this.#address))
      if (![200, 206, 416].includes(statusCode)) throw refused(this.#address, response)
      const coding = headers['content-encoding'] ?? ''
      if (!CODINGS.includes(coding.toLowerCase())) {
        throw misanswered(this.#address, `sends it as ${coding}, which was not asked for`, part?.from ?? 0)
      }
      const version = versionOf(response)
      if (this.#version && differs(this.#version, version)) throw changed(shown(this.#address))
      this.#version ??= version
      return response
    } catch (error) {
      response.destroy()
      throw error
    }
  }

  /**
   * As `ask`, again and again while there is patience.
   * @throws DasyError as `ask`, and FILE_UNREACHABLE
   */
  async askPatiently(part: Part | undefined): Promise<IncomingMessage> {
    const backoff = this.#backoff()
    for (;;) {
      try {
        return await this.ask(part)
      } catch (error) {
        await this.#waitAfter(error, backoff, this.ended)
      }
    }
  }

  /**
   * Fills `into` from an absolute offset; what breaks off is gone on with at the byte where it stopped.
   * @param first an answer that there is already
   * @throws DasyError as `ask`, and READ_FAILED
   */
  async fill(into: Uint8Array, offset: number, signal = this.ended, first?: IncomingMessage): Promise<void> {
    const backoff = this.#backoff()
    let answer = first
    let filled = 0
    while (filled < into.length) {
      const part = { from: offset + filled, to: offset + into.length }
      try {
        for await (const piece of this.#part(part, answer ?? (await this.ask(part, signal)))) {
          into.set(piece, filled)
          filled += piece.length
          this.#progress(backoff)
        }
      } catch (error) {
        await this.#waitAfter(error, backoff, signal, offset + filled)
      }
      answer = undefined
    }
  }

  /**
   * All of it in one stream, which cannot be gone on with once it has begun.
   * @param first an answer that there is already
   * @throws DasyError as `ask`, and READ_FAILED, FILE_UNREACHABLE
   */
  async *all(first?: IncomingMessage): AsyncGenerator<Uint8Array> {
    const backoff = this.#backoff()
    let answer = first
    let byte = 0
    for (;;) {
      try {
        for await (const piece of this.#whole(answer ?? (await this.ask(undefined)))) {
          byte += piece.length
          yield piece
        }
        return
      } catch (error) {
        this.ended.throwIfAborted()
        if (byte > 0) throw cannotGoOn(this.#address, error, byte)
        await this.#waitAfter(error, backoff, this.ended)
      }
      answer = undefined
    }
  }

  close(): void {
    this.#closing.abort()
    this.#client.close()
  }

  /** The body of an answer about a part: not a byte that was not asked for, and all of those that were announced. */
  async *#part(asked: Part, response: IncomingMessage): AsyncGenerator<Uint8Array> {
    const given = response.statusCode === 206 ? partOf(response) : undefined
    if (given?.from !== asked.from || given.to > asked.to) {
      response.destroy()
      throw misanswered(this.#address, 'does not send the range that it is asked for', asked.from)
    }
    let at = given.from
    for await (const piece of this.#client.pieces(response)) {
      at += piece.length
      if (at > given.to) throw misanswered(this.#address, 'sends more than it announces', given.to)
      yield piece
    }
    if (at < given.to) throw Object.assign(new Error('the answer ends early'), { code: 'ECONNRESET' })
  }

  #whole(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    if (response.statusCode === 200) return this.#client.pieces(response)
    response.destroy()
    throw misanswered(this.#address, 'does not send all of it, though no range was asked for', 0)
  }

  #backoff(): Backoff {
    return new Backoff(this.#options.patienceMs)
  }

  #progress(backoff: Backoff): void {
    backoff.reset()
    this.#told = false
  }

  /**
   * Waits until it is time for another try.
   * @throws the signal's reason; DasyError for what does not pass, or not soon enough
   */
  async #waitAfter(error: unknown, backoff: Backoff, signal: AbortSignal, byte?: number): Promise<void> {
    signal.throwIfAborted()
    const failure = lost(this.#address, error, byte)
    const delay = mayPass(error) ? backoff.next(askedToWait(error)) : undefined
    if (delay === undefined) throw failure
    if (!this.#told) this.#options.note?.(`${failure.message}; trying again`)
    this.#told = true
    await sleep(delay, undefined, { signal }).catch(() => signal.throwIfAborted())
  }

  /** From where the redirects led before; from the address again, if the right to that has expired. */
  async #get(headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<IncomingMessage> {
    const known = await this.#client.get(this.#place, headers, signal)
    if (this.#place.href === this.#address.href || !mayHaveExpired(known.response)) return this.#found(known)
    known.response.destroy()
    return this.#found(await this.#client.get(this.#address, headers, signal))
  }

  #found({ url, response }: Awaited<ReturnType<HttpClient['get']>>): IncomingMessage {
    this.#place = url
    return response
  }

  #headers(part: Part | undefined): OutgoingHttpHeaders {
    const { etag } = this.version
    return {
      'User-Agent': 'dasy',
      Accept: '*/*',
      // What is compressed on the way has other bytes, and no ranges that could be relied on.
      'Accept-Encoding': 'identity',
      ...(part && { Range: `bytes=${part.from}-${part.to - 1}` }),
      // A server that knows it has another one need not send it.
      ...(etag !== null && isStrong(etag) && { 'If-Match': etag }),
    }
  }
}
