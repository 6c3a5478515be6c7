import type { IncomingMessage } from 'node:http'
import { DasyError } from '../../base/errors.js'
import { shown } from '../url.js'

/** Errors of a download, and which of them are temporary. Status and `code` decide, never a message's text. */

/** Statuses of a server that is busy or restarting. */
const TEMPORARY_STATUSES = [408, 429, 500, 502, 503, 504]

/** Statuses of an expired signed URL; the original URL may redirect to a new one. */
const EXPIRED_STATUSES = [400, 401, 403]

/** Error codes of a restarting host or a network that may recover. */
const TEMPORARY_CODES = [
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

/** Error codes of Node.js and OpenSSL for a certificate or handshake that fails. */
const TLS_CODES =
  /^(EPROTO|ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|HOSTNAME_MISMATCH|PATH_LENGTH_)/

/** Whether a retry may succeed. */
export function isTemporary(error: unknown): boolean {
  if (error instanceof DasyError) {
    return error.code === 'HTTP_STATUS' && TEMPORARY_STATUSES.includes(Number(error.details.status))
  }
  return TEMPORARY_CODES.includes(codeOf(error))
}

/** Whether the URL of a redirect may have expired. */
export function mayHaveExpired(response: IncomingMessage): boolean {
  return EXPIRED_STATUSES.includes(response.statusCode ?? 0)
}

/** The error for an answer without the content. */
export function refused(url: URL, response: IncomingMessage): DasyError {
  const file = shown(url)
  const status = response.statusCode ?? 0
  const answer = `${status} ${response.statusMessage ?? ''}`.trim()
  const details = { file, status }
  if (status === 404 || status === 410) {
    return new DasyError('FILE_NOT_FOUND', `${file} does not exist: the server answered ${answer}`, {
      hint: 'Check the URL.',
      details,
    })
  }
  if (status === 401 || status === 403) {
    return new DasyError('FILE_UNREADABLE', `access to ${file} is refused: the server answered ${answer}`, {
      hint: 'A presigned URL expires: create a new one. User and password are written before the host: https://user:password@…',
      details,
    })
  }
  const retryAfterMs = retryAfter(response.headers['retry-after'])
  return new DasyError('HTTP_STATUS', `the download of ${file} failed: the server answered ${answer}`, {
    hint: TEMPORARY_STATUSES.includes(status)
      ? 'Try again later, or retry for longer with --retry-for.'
      : 'Check the URL. An expired presigned URL may get this answer, too.',
    details: retryAfterMs === undefined ? details : { ...details, retryAfterMs },
  })
}

/** How long the server asks to wait, in milliseconds. */
export function askedToWait(error: unknown): number {
  return error instanceof DasyError ? Number(error.details.retryAfterMs ?? 0) : 0
}

/**
 * The user's error for a failed connection.
 * @param byte bytes read so far; undefined before the first
 */
export function lost(url: URL, error: unknown, byte?: number): DasyError {
  if (error instanceof DasyError) return error
  const file = shown(url)
  const details = { file, errno: codeOf(error), ...(byte !== undefined && { byte }) }
  const fields = { details, cause: error }
  if (url.protocol === 'https:' && TLS_CODES.test(codeOf(error))) {
    return new DasyError('FILE_UNREACHABLE', `TLS failed for ${file}: ${reason(error)}`, {
      ...fields,
      hint: 'If a private authority signed the certificate, name its certificate: NODE_EXTRA_CA_CERTS=ca.pem.',
    })
  }
  if (byte === undefined) {
    return new DasyError('FILE_UNREACHABLE', `cannot reach ${file}: ${reason(error)}`, {
      ...fields,
      hint: 'Check the URL and the network. Proxies are not supported.',
    })
  }
  return new DasyError('READ_FAILED', `cannot read ${file} at byte ${byte}: ${reason(error)}`, {
    ...fields,
    hint: 'Check the network; --retry-for sets how long dasy retries.',
  })
}

/** The error for a stream that broke off, if its rest cannot be requested. */
export function cannotContinue(url: URL, error: unknown, byte: number): DasyError {
  const file = shown(url)
  return new DasyError(
    'READ_FAILED',
    `the download of ${file} failed at byte ${byte} (${reason(error)}) and cannot be continued, because the server does not support ranges`,
    {
      hint: 'Run the command again, or download the file first.',
      details: { file, errno: codeOf(error), byte },
      cause: error,
    },
  )
}

/** The error for an answer that does not match the request. @param what the server does */
export function wrongAnswer(url: URL, what: string, byte: number): DasyError {
  const file = shown(url)
  return new DasyError('READ_FAILED', `cannot read ${file} at byte ${byte}: the server ${what}`, {
    hint: 'Download the file first.',
    details: { file, byte },
  })
}

export function redirectFailed(url: URL, why: string): DasyError {
  const file = shown(url)
  return new DasyError('REDIRECT_FAILED', `the download of ${file} failed: ${why}`, {
    hint: 'Use the URL of the file itself.',
    details: { file },
  })
}

/** @param header seconds, or a date */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0)
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? ''
}

/** An error's message, or its code: if all addresses of a host fail, it has no message. */
function reason(error: unknown): string {
  return (error as Error).message || codeOf(error)
}
