import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { lookUpPublic, requirePublicHost } from '../source/http/public-addresses.js'
import { type Message, signedHeaders } from './signed-request.js'

/** How long a receiver may take, in milliseconds. */
const LIMIT_MS = 20_000

/** How much of an answer is read, in bytes. */
const MOST_ANSWER = 1024

export interface Answer {
  readonly status: number
  /** Its beginning. */
  readonly text: string
}

/** A receiver did not take a message. */
export class NotTaken extends Error {
  readonly answer: Answer | undefined
  /** In how many seconds the receiver wants to be asked again. */
  readonly retryAfter: number | undefined

  constructor(message: string, answer?: Answer, retryAfter?: number) {
    super(message)
    this.answer = answer
    this.retryAfter = retryAfter
  }

  /** Whether it wants no messages any more. */
  get isGone(): boolean {
    return this.answer?.status === 410
  }
}

export interface Posting {
  /** Whether the address may be a private one: that of the configuration may, that of a client of the service may not. */
  readonly mayBePrivate: boolean
  readonly limitMs?: number
  /** Ends it. */
  readonly signal?: AbortSignal
}

/**
 * Posts a message to a webhook. Redirections are not followed: another address was not asked for.
 * @throws NotTaken unless the answer is 2xx
 */
export async function post(
  url: string,
  message: Message,
  secrets: readonly string[],
  posting: Posting = { mayBePrivate: true },
): Promise<Answer> {
  const { answer, retryAfter } = await exchange(url, message, secrets, posting)
  if (answer.status >= 200 && answer.status < 300) return answer
  throw new NotTaken(`it answered ${answer.status}`, answer, retryAfter)
}

async function exchange(
  url: string,
  message: Message,
  secrets: readonly string[],
  { mayBePrivate, limitMs = LIMIT_MS, signal }: Posting,
): Promise<{ answer: Answer; retryAfter: number | undefined }> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), limitMs)
  const either = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal
  try {
    if (!mayBePrivate) requirePublicHost(new URL(url))
    const response = await send(url, message, secrets, mayBePrivate, either)
    const text = await beginningOf(response)
    return { answer: { status: response.statusCode ?? 0, text }, retryAfter: retryAfterOf(response) }
  } catch (error) {
    const why = limit.signal.aborted ? `no answer within ${limitMs / 1000} s` : (error as Error).message
    throw new NotTaken(why)
  } finally {
    clearTimeout(timer)
  }
}

/** A connection of its own, so that each is made to an address that was checked. */
function send(
  url: string,
  message: Message,
  secrets: readonly string[],
  mayBePrivate: boolean,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp
  const headers = { ...signedHeaders(message, secrets), 'content-length': Buffer.byteLength(message.body) }
  const lookup = mayBePrivate ? {} : { lookup: lookUpPublic }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false, signal, ...lookup }, resolve)
    sent.on('error', reject)
    sent.end(message.body)
  })
}

/** The rest is not waited for. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= MOST_ANSWER) break
  }
  response.destroy()
  // PostgreSQL stores no NUL.
  return Buffer.concat(chunks).subarray(0, MOST_ANSWER).toString().replaceAll('\0', '\ufffd')
}

/** Seconds, or a date. */
function retryAfterOf({ headers }: IncomingMessage): number | undefined {
  const text = headers['retry-after']
  if (text === undefined) return undefined
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  return seconds >= 0 ? seconds : undefined
}
