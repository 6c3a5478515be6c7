import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** What an answer says about the version and the range of the content. */

/** What distinguishes versions of the content at one URL; null if the server does not send it. */
export interface Version {
  readonly etag: string | null
  readonly lastModified: string | null
  /** Bytes of the whole content. */
  readonly size: number | null
}

/** A range of the content. */
export interface Part {
  readonly from: number
  /** The byte after the last. */
  readonly to: number
}

export function versionOf({ headers, statusCode }: IncomingMessage): Version {
  return {
    etag: headers.etag ?? null,
    lastModified: headers['last-modified'] ?? null,
    size: statusCode === 200 ? lengthIn(headers) : sizeIn(headers),
  }
}

/** Whether two answers are certainly about different versions. */
export function differs(one: Version, other: Version): boolean {
  if (one.size !== null && other.size !== null && one.size !== other.size) return true
  if (one.etag !== null && other.etag !== null) {
    if (opaque(one.etag) !== opaque(other.etag)) return true
    if (isStrong(one.etag) && isStrong(other.etag)) return false
  }
  return one.lastModified !== null && other.lastModified !== null && one.lastModified !== other.lastModified
}

/** A weak ETag stands for equivalent contents, whose bytes may differ. */
export function isStrong(etag: string): boolean {
  return !etag.startsWith('W/')
}

/** The range of a 206 answer; undefined if it is missing or unreliable. */
export function partOf({ headers }: IncomingMessage): Part | undefined {
  const found = /^bytes (\d+)-(\d+)\/(\d+)$/i.exec(headers['content-range'] ?? '')
  const [first = 0, last = 0, size = 0] = found?.slice(1).map(Number) ?? []
  return first <= last && last < size ? { from: first, to: last + 1 } : undefined
}

function opaque(etag: string): string {
  return etag.replace(/^W\//, '')
}

function lengthIn(headers: IncomingHttpHeaders): number | null {
  return headers['content-length'] === undefined ? null : Number(headers['content-length'])
}

/** Of a range, or of a request beyond the end. */
function sizeIn(headers: IncomingHttpHeaders): number | null {
  const [, size] = /^bytes .*\/(\d+)$/i.exec(headers['content-range'] ?? '') ?? []
  return size === undefined ? null : Number(size)
}
