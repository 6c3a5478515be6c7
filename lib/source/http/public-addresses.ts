import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { DasyError } from '../../base/errors.js'
import { shown } from '../url.js'

/**
 * Addresses that anybody on the Internet could reach anyway. A URL that a client of the service has named must lead to one: otherwise
 * the client could reach what only this host can, such as a metadata service or a server without a password.
 */

/** What is allocated of IPv6. The rest of it is for special uses, some of which stand for an IPv4 address. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3')

export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  // An IPv4 address may be written as an IPv6 one.
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6))
}

/**
 * Refuses a URL whose host is an address, for which no name is looked up. `URL` has brought octal and other forms into the usual one.
 * @throws DasyError URL_NOT_ALLOWED
 */
export function requirePublicHost(url: URL): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) !== 0 && !isPublic(host)) throw notAllowed(shown(url))
}

/** In place of `dns.lookup` of a connection: it connects to the very addresses that were checked, or to none. */
export const lookUpPublic: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const refused = error ?? (addresses.every(({ address }) => isPublic(address)) ? null : notAllowed(host))
    const [first] = addresses ?? []
    if (refused || !first) callback(refused as NodeJS.ErrnoException, '')
    else if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}

function notAllowed(where: string): DasyError {
  return new DasyError('URL_NOT_ALLOWED', `${where} leads to a private, loopback or link-local address`, {
    hint: 'Whoever runs the service can allow that: --allow-private-urls, or --allow-private-webhooks.',
    details: { url: where },
  })
}
