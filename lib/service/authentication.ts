import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { DasyError } from '../base/errors.js'
import { SCOPES, type Scope } from '../contract/service-options.js'
import { type Credential, findCredential, findCredentialOfCookie } from '../ledger/tokens.js'
import type { Service } from './service.js'
import { SharedLookUps } from './shared-look-ups.js'

/** The page's cookie. */
export const COOKIE = 'dasy_session'
/** What a request with a cookie must say, and no form of another page can. */
const REQUESTED_WITH = 'dasy'

/** Finds out who sends a request, and slows down who guesses. */
export class Authentication {
  readonly #service: Service
  readonly #failures = new FailedAttempts()
  readonly #lookUps = new SharedLookUps<Credential | undefined>()

  constructor(service: Service) {
    this.#service = service
  }

  /**
   * @param scope what the credential must allow
   * @throws DasyError UNAUTHORIZED, FORBIDDEN, CROSS_SITE, TOO_MANY_ATTEMPTS
   */
  async require(request: FastifyRequest, scope: Scope): Promise<Credential> {
    const credential = await this.#credentialOf(request)
    if (allows(credential.scope, scope)) return credential
    throw new DasyError('FORBIDDEN', `this needs the scope ${scope}, and the token has ${credential.scope}`, {
      hint: `Use another token: dasy token create NAME --scope ${scope}`,
    })
  }

  /** The credential of a token that is shown. */
  async check(request: FastifyRequest, token: string): Promise<Credential> {
    return await this.#checked(request, { kind: 'token', secret: token })
  }

  /**
   * Whether a request would still be let in, for an answer that goes on for long: tokens are revoked, and people sign out. While the
   * database is gone nothing is said against it.
   */
  async stillHolds(request: FastifyRequest): Promise<boolean> {
    const found = await this.#find(shownBy(request)).catch(() => true)
    return found !== undefined
  }

  async #credentialOf(request: FastifyRequest): Promise<Credential> {
    const shown = shownBy(request)
    if (shown.kind === 'cookie' && !isOpenedInBrowser(request)) requireOwnPage(request, this.#service.url())
    return await this.#checked(request, shown)
  }

  async #checked(request: FastifyRequest, shown: Shown): Promise<Credential> {
    this.#failures.refuseFlood(request.ip)
    const found = await this.#find(shown)
    if (found) return found
    // Others may have failed since.
    this.#failures.refuseFlood(request.ip)
    await this.#failures.slowDown(request.ip)
    throw unauthorized('the token is unknown, revoked or has ended')
  }

  #find({ kind, secret }: Shown): Promise<Credential | undefined> {
    const find = kind === 'token' ? findCredential : findCredentialOfCookie
    return this.#lookUps.of(`${kind} ${secret}`, () =>
      this.#service.sessions.use((session) => find(session, secret)),
    )
  }
}

/** What a request shows to be let in. */
interface Shown {
  readonly kind: 'token' | 'cookie'
  readonly secret: string
}

export function allows(has: Scope, needs: Scope): boolean {
  return SCOPES.indexOf(has) >= SCOPES.indexOf(needs)
}

/** The token of a request, or else its cookie. @throws DasyError UNAUTHORIZED */
function shownBy(request: FastifyRequest): Shown {
  const token = tokenIn(request.headers.authorization)
  if (token !== undefined) return { kind: 'token', secret: token }
  const cookie = request.cookies[COOKIE]
  if (cookie === undefined) throw unauthorized('no token')
  return { kind: 'cookie', secret: cookie }
}

/** The token of `Authorization: Bearer TOKEN`, or the password of `Basic`. */
function tokenIn(header: string | undefined): string | undefined {
  const [, scheme, value = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(header?.trim() ?? '') ?? []
  if (scheme === undefined) {
    if (header === undefined) return undefined
    throw unauthorized('the header Authorization has neither Bearer nor Basic')
  }
  if (scheme.toLowerCase() === 'bearer') return value
  return Buffer.from(value, 'base64')
    .toString()
    .replace(/^[^:]*:?/, '')
}

/**
 * Whether a browser opens one of the documentation's own pages, or a part of it: it cannot add a header to that. Browsers say which
 * site asks, and no script can.
 */
function isOpenedInBrowser({ headers, routeOptions }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  return routeOptions.config.isPage === true && (site === 'none' || site === 'same-origin')
}

/** @throws DasyError CROSS_SITE */
export function requireOwnPage({ headers }: FastifyRequest, url: string): void {
  const { origin } = headers
  const site = headers['sec-fetch-site']
  const isForeign =
    (origin !== undefined &&
      origin !== new URL(url).origin &&
      origin !== `${new URL(url).protocol}//${headers.host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none')
  if (!isForeign && headers['x-requested-with'] === REQUESTED_WITH) return
  throw new DasyError('CROSS_SITE', 'a request with a cookie must come from the service’s own page', {
    hint: `It needs the header X-Requested-With: ${REQUESTED_WITH}. Programs use Authorization: Bearer.`,
  })
}

function unauthorized(why: string): DasyError {
  return new DasyError('UNAUTHORIZED', why, {
    hint: 'Send Authorization: Bearer TOKEN. "dasy token create" makes one.',
  })
}

/** How long failures of an address are remembered. */
const MEMORY_MS = 15 * 60_000
/** The first waits so long, each further one twice that. */
const FIRST_MS = 50
const LONGEST_MS = 5000
/** Of one address at a time. */
const MOST_WAITING = 20
const MOST_ADDRESSES = 10_000

interface Failures {
  count: number
  waiting: number
  last: number
}

/** The failed attempts of each address: the more there were, the later the next is answered. A valid token is never slowed down. */
class FailedAttempts {
  readonly #of = new Map<string, Failures>()

  /** @throws DasyError TOO_MANY_ATTEMPTS */
  refuseFlood(address: string): void {
    if ((this.#of.get(address)?.waiting ?? 0) < MOST_WAITING) return
    throw new DasyError('TOO_MANY_ATTEMPTS', 'too many failed attempts from this address', {
      hint: 'Try again later.',
      details: { retryAfter: LONGEST_MS / 1000 },
    })
  }

  async slowDown(address: string): Promise<void> {
    const now = performance.now()
    const known = this.#of.get(address)
    const failures =
      known && now - known.last < MEMORY_MS ? known : { count: 0, waiting: known?.waiting ?? 0, last: now }
    // As the latest: the first of the map is the one to be forgotten.
    this.#of.delete(address)
    this.#of.set(address, failures)
    if (this.#of.size > MOST_ADDRESSES) this.#of.delete(this.#of.keys().next().value as string)
    failures.last = now
    failures.count += 1
    failures.waiting += 1
    await sleep(Math.min(FIRST_MS * 2 ** (failures.count - 1), LONGEST_MS), undefined, { ref: false })
    failures.waiting -= 1
  }
}
