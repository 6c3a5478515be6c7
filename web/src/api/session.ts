import type { Scope } from '../../../lib/contract/service-options.js'
import { request } from './request.js'

/** Who is signed in. */
export interface Account {
  readonly name: string
  readonly scope: Scope
}

const ORDER: readonly Scope[] = ['read', 'write', 'admin']

/** Whether somebody may do what this scope allows. */
export function may({ scope }: Account, needed: Scope): boolean {
  return ORDER.indexOf(scope) >= ORDER.indexOf(needed)
}

export const currentAccount = () => request<Account>('GET', '/v1/session')
export const signIn = (token: string) => request<Account>('POST', '/v1/session', { json: { token } })
export const signOut = () => request<void>('DELETE', '/v1/session')
