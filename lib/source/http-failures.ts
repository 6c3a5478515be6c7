import type { IncomingMessage } from 'node:http'
import { DasyError } from '../errors.js'
import { shown } from './url.js'

/** What can go wrong with a URL, and what of it may pass. Decided on status and `code`, never on a message's text. */

/** Statuses of servers that are busy, or restart. */
const PASSING_STATUSES = [408, 429, 500, 502, 503, 504]

/** Statuses of a signed address that has expired; the address that leads to it may be answered with a new one. */
const EXPIRED_STATUSES = [400, 401, 403]

/** What is said of a host that restarts or a network that comes back. */
const PASSING_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]

/** What Node.js and OpenSSL call it when a certificate or the handshake fails. */
const TLS_CODES =
  /^(EPROTO|ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|HOSTNAME_MISMATCH|PATH_LENGTH_)/

/** Whether what failed may succeed if it is tried again. */
export function mayPass(error: unknown): boolean {
  if (error instanceof DasyError) {
    return error.code === 'HTTP_STATUS' && PASSING_STATUSES.includes(Number(error.details.status))
  }
  return PASSING_CODES.includes(codeOf(error))
}

export function mayHaveExpired(response: IncomingMessage): boolean {
  return EXPIRED_STATUSES.includes(response.statusCode ?? 0)
}

/** An answer that is none of those that hold the content. */
export function refused(url: URL, response: IncomingMessage): DasyError {
  const file = shown(url)
  const status = response.statusCode ?? 0
  const said = `${status} ${response.statusMessage ?? ''}`.trim()
  const details = { file, status }
  if (status === 404 || status === 410) {
    return new DasyError('FILE_NOT_FOUND', `there is no ${file}: the server says ${said}`, {
      hint: 'Check the address.',
      details,
    })
  }
  if (status === 401 || status === 403) {
    return new DasyError('FILE_UNREADABLE', `${file} is refused: the server says ${said}`, {
      hint: 'A presigned URL expires: make a new one. A user and a password go before the host: https://user:password@…',
      details,
    })
  }
  const retryAfterMs = retryAfter(response.headers['retry-after'])
  return new DasyError('HTTP_STATUS', `${file} cannot be had: the server says ${said}`, {
    hint: PASSING_STATUSES.includes(status)
      ? 'Try again later, or longer: --retry-for.'
      : 'Check the address. An expired presigned URL may be answered like this, too.',
    details: retryAfterMs === undefined ? details : { ...details, retryAfterMs },
  })
}

/** How long the server asks to be left alone, in milliseconds. */
export function askedToWait(error: unknown): number {
  return error instanceof DasyError ? Number(error.details.retryAfterMs ?? 0) : 0
}

/**
 * What a failed connection means to the user.
 * @param byte how far the content was read; undefined where it has not begun
 */
export function lost(url: URL, error: unknown, byte?: number): DasyError {
  if (error instanceof DasyError) return error
  const file = shown(url)
  const details = { file, errno: codeOf(error), ...(byte !== undefined && { byte }) }
  const fields = { details, cause: error }
  if (url.protocol === 'https:' && TLS_CODES.test(codeOf(error))) {
    return new DasyError('FILE_UNREACHABLE', `${file}: TLS fails: ${reason(error)}`, {
      ...fields,
      hint: 'If the certificate is one of your own, name the authority that signed it: NODE_EXTRA_CA_CERTS=ca.pem.',
    })
  }
  if (byte === undefined) {
    return new DasyError('FILE_UNREACHABLE', `${file} cannot be reached: ${reason(error)}`, {
      ...fields,
      hint: 'Check the address and the network. Proxies are not supported.',
    })
  }
  return new DasyError('READ_FAILED', `${file} cannot be read at byte ${byte}: ${reason(error)}`, {
    ...fields,
    hint: 'Check the network; --retry-for says for how long it is tried again.',
  })
}

/** A stream that broke where nobody can ask for the rest of it. */
export function cannotGoOn(url: URL, error: unknown, byte: number): DasyError {
  const file = shown(url)
  return new DasyError(
    'READ_FAILED',
    `${file} broke off at byte ${byte} (${reason(error)}), and the server takes no ranges, so it cannot be gone on with`,
    {
      hint: 'Run the command again, or download the file first.',
      details: { file, errno: codeOf(error), byte },
      cause: error,
    },
  )
}

/** An answer that does not fit the question. */
export function misanswered(url: URL, what: string, byte: number): DasyError {
  const file = shown(url)
  return new DasyError('READ_FAILED', `${file} cannot be read at byte ${byte}: the server ${what}`, {
    hint: 'Download the file first.',
    details: { file, byte },
  })
}

export function redirectFailed(url: URL, why: string): DasyError {
  const file = shown(url)
  return new DasyError('REDIRECT_FAILED', `${file} cannot be had: ${why}`, {
    hint: 'Name the address where the file itself is.',
    details: { file },
  })
}

/** Seconds, or a date. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0)
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? ''
}

/** Several addresses of a host that all fail come as an error without a message. */
function reason(error: unknown): string {
  return (error as Error).message || codeOf(error)
}
