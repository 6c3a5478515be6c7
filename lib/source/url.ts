import { DasyError, EXIT } from '../base/errors.js'

/** What is known about a URL without a request. */

const SCHEMES = ['http:', 'https:']

/** Whether a source is a URL of any scheme, also of an unsupported one, which must not be read as a file name. */
export function isUrl(source: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(source)
}

export function isSupported(url: URL): boolean {
  return SCHEMES.includes(url.protocol)
}

/** @throws DasyError BAD_URL */
export function parseUrl(source: string): URL {
  if (!URL.canParse(source)) throw badUrl('invalid URL', 'Check the URL.')
  const url = new URL(source)
  if (!isSupported(url)) {
    throw badUrl(
      `${url.protocol}// is not supported`,
      'Name an http:// or https:// URL, or the path of a file.',
    )
  }
  return url
}

/** The URL in messages, without its query, which may be a signature and as secret as a password. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`
}

/** A source as the user named it, without password and query. */
export function withoutSecrets(source: string): string {
  if (!isUrl(source)) return source
  if (!URL.canParse(source)) return 'an invalid URL'
  const { protocol, host, pathname, hash } = new URL(source)
  return `${protocol}//${host}${pathname}${hash}`
}

/** Without the user's secrets, and without the fragment, which is not sent. */
export function bare(url: URL): URL {
  const copy = new URL(url)
  copy.username = ''
  copy.password = ''
  copy.hash = ''
  return copy
}

/**
 * The value of the Authorization header for `user:password@` in a URL.
 * @throws DasyError BAD_URL
 */
export function authorizationIn(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined
  try {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    return `Basic ${Buffer.from(pair).toString('base64')}`
  } catch {
    throw badUrl(`invalid user or password in the URL of ${shown(url)}`, 'Write a % in it as %25.')
  }
}

function badUrl(message: string, hint: string): DasyError {
  return new DasyError('BAD_URL', message, { hint, exitStatus: EXIT.usage })
}
