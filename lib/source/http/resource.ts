import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Backoff } from '../../base/backoff.js'
import { changed } from '../origins/file.js'
import { bare, shown } from '../url.js'
import { HttpClient, SILENCE, type Silence } from './client.js'
import {
  askedToWait,
  cannotContinue,
  isTemporary,
  lost,
  mayHaveExpired,
  refused,
  wrongAnswer,
} from './failures.js'
import { differs, isStrong, type Part, partOf, type Version, versionOf } from './version.js'

export interface ClientUrls {
  readonly mayBePrivate: boolean
}

export interface HttpOptions {
  /** Aborts everything: requests in progress fail with the signal's reason. */
  signal?: AbortSignal | undefined
  /** How long to retry after the first failure without progress, in milliseconds. */
  retryMs: number
  /** Gets a line when retrying begins. */
  note?: ((line: string) => void) | undefined
  /** Set if a client of the service has named the URL: whether it may lead to a private address. */
  clientUrls?: ClientUrls | undefined
  /** How long a server may send nothing, if not the default. */
  silence?: Silence | undefined
}

/** Content codings that dasy can read: it decompresses the last three like a compressed file. */
const CODINGS = ['', 'identity', 'gzip', 'x-gzip', 'zstd']

/**
 * The content at a URL. Retries temporary failures, and checks that all answers contain the same version of the content as
 * the first one.
 */
export class HttpResource {
  /** Aborted when the origin is closed or the caller aborts. */
  readonly ended: AbortSignal
  readonly #address: URL
  readonly #client: HttpClient
  readonly #options: HttpOptions
  readonly #closing = new AbortController()
  /** The URL that answered last: that of a redirect, or the address. */
  #current: URL
  #version: Version | undefined
  /** Whether there was a note about a failure, and no progress since. */
  #noted = false

  /** @throws DasyError BAD_URL */
  constructor(address: URL, options: HttpOptions) {
    this.#address = bare(address)
    this.#current = this.#address
    this.#options = options
    this.#client = new HttpClient(
      address,
      options.silence ?? SILENCE,
      options.clientUrls?.mayBePrivate === false,
    )
    this.ended = options.signal
      ? AbortSignal.any([this.#closing.signal, options.signal])
      : this.#closing.signal
  }

  /** The version of the first answer. */
  get version(): Version {
    return this.#version ?? { etag: null, lastModified: null, size: null }
  }

  /**
   * Requests an answer with status 200, 206 or 416.
   * @param part the range to request; undefined for everything
   * @throws DasyError FILE_NOT_FOUND, FILE_UNREADABLE, HTTP_STATUS, SOURCE_CHANGED, REDIRECT_FAILED; otherwise Node.js's error
   */
  async ask(part: Part | undefined, signal = this.ended): Promise<IncomingMessage> {
    const response = await this.#get(this.#headers(part), signal)
    const { statusCode = 0, headers } = response
    try {
      if (statusCode === 412) throw changed(shown(this.#address))
      if (![200, 206, 416].includes(statusCode)) throw refused(this.#address, response)
      const coding = headers['content-encoding'] ?? ''
      if (!CODINGS.includes(coding.toLowerCase())) {
        throw wrongAnswer(this.#address, `sends it as ${coding}, which was not requested`, part?.from ?? 0)
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
   * As `ask`, with retries.
   * @throws DasyError as `ask`, and FILE_UNREACHABLE
   */
  async askWithRetries(part: Part | undefined): Promise<IncomingMessage> {
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
   * Fills `into` from an offset. If an answer breaks off, the rest is requested.
   * @param first an answer that was already received
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
   * The whole content in one stream, which cannot be continued once it has begun.
   * @param first an answer that was already received
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
        if (byte > 0) throw cannotContinue(this.#address, error, byte)
        await this.#waitAfter(error, backoff, this.ended)
      }
      answer = undefined
    }
  }

  close(): void {
    this.#closing.abort()
    this.#client.close()
  }

  /** The body of an answer to a request for a range. Checks that it holds the announced bytes, and only requested ones. */
  async *#part(asked: Part, response: IncomingMessage): AsyncGenerator<Uint8Array> {
    const given = response.statusCode === 206 ? partOf(response) : undefined
    if (given?.from !== asked.from || given.to > asked.to) {
      response.destroy()
      throw wrongAnswer(this.#address, 'does not send the requested range', asked.from)
    }
    let at = given.from
    for await (const piece of this.#client.pieces(response)) {
      at += piece.length
      if (at > given.to) throw wrongAnswer(this.#address, 'sends more than it announces', given.to)
      yield piece
    }
    if (at < given.to) throw Object.assign(new Error('the answer is incomplete'), { code: 'ECONNRESET' })
  }

  #whole(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    if (response.statusCode === 200) return this.#client.pieces(response)
    response.destroy()
    throw wrongAnswer(this.#address, 'sends only a part, though no range was requested', 0)
  }

  #backoff(): Backoff {
    return new Backoff(this.#options.retryMs)
  }

  #progress(backoff: Backoff): void {
    backoff.reset()
    this.#noted = false
  }

  /**
   * Waits until the next retry.
   * @throws the signal's reason; DasyError for a permanent failure, or after the retry limit
   */
  async #waitAfter(error: unknown, backoff: Backoff, signal: AbortSignal, byte?: number): Promise<void> {
    signal.throwIfAborted()
    const failure = lost(this.#address, error, byte)
    const delay = isTemporary(error) ? backoff.next(askedToWait(error)) : undefined
    if (delay === undefined) throw failure
    if (!this.#noted) this.#options.note?.(`${failure.message}; retrying`)
    this.#noted = true
    await sleep(delay, undefined, { signal }).catch(() => signal.throwIfAborted())
  }

  /** Requests the URL that answered last, and the address again if that URL has expired. */
  async #get(headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<IncomingMessage> {
    const known = await this.#client.get(this.#current, headers, signal)
    if (this.#current.href === this.#address.href || !mayHaveExpired(known.response))
      return this.#found(known)
    known.response.destroy()
    return this.#found(await this.#client.get(this.#address, headers, signal))
  }

  #found({ url, response }: Awaited<ReturnType<HttpClient['get']>>): IncomingMessage {
    this.#current = url
    return response
  }

  #headers(part: Part | undefined): OutgoingHttpHeaders {
    const { etag } = this.version
    return {
      'User-Agent': 'dasy',
      Accept: '*/*',
      // Transport compression changes the bytes and makes ranges unreliable.
      'Accept-Encoding': 'identity',
      ...(part && { Range: `bytes=${part.from}-${part.to - 1}` }),
      // The server does not send another version.
      ...(etag !== null && isStrong(etag) && { 'If-Match': etag }),
    }
  }
}
