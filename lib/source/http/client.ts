import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { DasyError } from '../../base/errors.js'
import { authorizationIn, bare, isSupported } from '../url.js'
import { redirectFailed } from './failures.js'
import { lookUpPublic, requirePublicHost } from './public-addresses.js'

/** How long a server may send nothing, in milliseconds. */
export interface Silence {
  /** From the request to the answer, connecting included. */
  readonly answerMs: number
  /** Between two chunks of its answer. */
  readonly pieceMs: number
}

export const SILENCE: Silence = { answerMs: 15_000, pieceMs: 30_000 }

const MOST_REDIRECTS = 5

/** Statuses that redirect to a location; 300 and 304 do not. */
const REDIRECTS = [301, 302, 303, 307, 308]

export interface Answer {
  /** The URL that answered: the last of the redirects. */
  readonly url: URL
  /** The body has not been read yet. */
  readonly response: IncomingMessage
}

/** Sends GET requests for one address over kept-alive connections. */
export class HttpClient {
  readonly #agents: { readonly http: http.Agent; readonly https: https.Agent }
  readonly #onlyPublic: boolean
  readonly #silence: Silence
  readonly #host: string
  readonly #authorization: string | undefined

  /**
   * @param address its user and password are sent to its host only
   * @param onlyPublic whether private addresses are refused, also those of redirects
   * @throws DasyError BAD_URL
   */
  constructor(address: URL, silence: Silence, onlyPublic: boolean) {
    const options = { keepAlive: true, ...(onlyPublic && { lookup: lookUpPublic }) }
    this.#agents = { http: new http.Agent(options), https: new https.Agent(options) }
    this.#onlyPublic = onlyPublic
    this.#silence = silence
    this.#host = address.host
    this.#authorization = authorizationIn(address)
  }

  /**
   * Sends a request and follows redirects.
   * @param start without user and password
   * @throws DasyError REDIRECT_FAILED, URL_NOT_ALLOWED; otherwise Node.js's error
   */
  async get(start: URL, headers: http.OutgoingHttpHeaders, signal: AbortSignal): Promise<Answer> {
    let url = start
    for (let redirects = 0; ; redirects++) {
      const response = await this.#send(url, headers, signal)
      if (!REDIRECTS.includes(response.statusCode ?? 0)) return { url, response }
      response.destroy() // its body may never end
      if (redirects === MOST_REDIRECTS) {
        throw redirectFailed(start, `more than ${MOST_REDIRECTS} redirects`)
      }
      url = nextUrl(start, url, response.headers.location)
    }
  }

  /** @throws Node.js's error: also ETIMEDOUT, and ECONNRESET if the body is incomplete */
  async *pieces(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    let waiting = true // for the server; not while the consumer handles a chunk
    const timer = setTimeout(() => waiting && response.destroy(silent()), this.#silence.pieceMs)
    timer.unref() // a consumer that never continues must not keep the process alive
    try {
      for await (const piece of response as AsyncIterable<Uint8Array>) {
        waiting = false
        yield piece
        waiting = true
        timer.refresh()
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Also aborts requests in progress. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }

  async #send(url: URL, headers: http.OutgoingHttpHeaders, signal: AbortSignal): Promise<IncomingMessage> {
    if (this.#onlyPublic) requirePublicHost(url)
    const authorization = url.host === this.#host ? this.#authorization : undefined
    const options = { headers: { ...headers, ...(authorization && { authorization }) }, signal }
    return await new Promise((resolve, reject) => {
      const request =
        url.protocol === 'https:'
          ? https.get(url, { ...options, agent: this.#agents.https })
          : http.get(url, { ...options, agent: this.#agents.http })
      const timer = setTimeout(() => request.destroy(silent()), this.#silence.answerMs)
      request.on('close', () => clearTimeout(timer))
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The server closed a kept-alive connection just as it was reused.
        if (request.reusedSocket && error.code === 'ECONNRESET') resolve(this.#send(url, headers, signal))
        else reject(error)
      })
      request.on('response', (response) => {
        clearTimeout(timer)
        resolve(response)
      })
    })
  }
}

/** @throws DasyError REDIRECT_FAILED */
function nextUrl(start: URL, from: URL, location: string | undefined): URL {
  const refuse = (why: string): DasyError => redirectFailed(start, why)
  if (location === undefined) throw refuse('the redirect has no location')
  if (!URL.canParse(location, from.href)) throw refuse('a redirect to an invalid URL')
  const url = bare(new URL(location, from))
  if (!isSupported(url)) throw refuse(`a redirect to ${url.protocol}, but only http and https are supported`)
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw refuse('a redirect from https to http, where others could read and change the data')
  }
  return url
}

function silent(): Error {
  return Object.assign(new Error('the server sends nothing'), { code: 'ETIMEDOUT' })
}
