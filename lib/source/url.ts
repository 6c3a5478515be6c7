import { DasyError, EXIT } from '../errors.js'

/** What can be said of a URL without asking its server. */

const SCHEMES = ['http:', 'https:']

/** Whether a source is meant as a URL; of whatever scheme, so that one that is not supported is not taken for a file. */
export function isUrl(source: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(source)
}

export function isSupported(url: URL): boolean {
  return SCHEMES.includes(url.protocol)
}

/** @throws DasyError BAD_URL */
export function parseUrl(source: string): URL {
  if (!URL.canParse(source)) throw badUrl('a URL cannot be read', 'Check the address.')
  const url = new URL(source)
  if (!isSupported(url)) {
    throw badUrl(
      `${url.protocol}// is not supported`,
      'Name an http:// or https:// address, or a file by its path.',
    )
  }
  return url
}

/** As it may be shown: a query may be a signature, which is as good as a password. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`
}

/** A source as a user named it, without what is secret. */
export function withoutSecrets(source: string): string {
  if (!isUrl(source)) return source
  if (!URL.canParse(source)) return 'a URL that cannot be read'
  const { protocol, host, pathname, hash } = new URL(source)
  return `${protocol}//${host}${pathname}${hash}`
}

/** Without what is secret to the user, and without what is not sent. */
export function bare(url: URL): URL {
  const copy = new URL(url)
  copy.username = ''
  copy.password = ''
  copy.hash = ''
  return copy
}

/**
 * `user:password@` as a header.
 * @throws DasyError BAD_URL
 */
export function authorizationIn(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined
  try {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    return `Basic ${Buffer.from(pair).toString('base64')}`
  } catch {
    throw badUrl(
      `the user or the password in the URL of ${shown(url)} cannot be read`,
      'Write a % in it as %25.',
    )
  }
}

function badUrl(message: string, hint: string): DasyError {
  return new DasyError('BAD_URL', message, { hint, exitStatus: EXIT.usage })
}
