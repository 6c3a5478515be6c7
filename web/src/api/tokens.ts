import type { NewToken, Token } from '../../../lib/api/tokens.js'
import { request } from './request.js'

export type { NewToken, Token }

export const listTokens = async (signal?: AbortSignal) =>
  (await request<{ tokens: readonly Token[] }>('GET', '/v1/tokens', { signal })).tokens

export const createToken = (wanted: { name: string; scope: string; expires?: string }) =>
  request<NewToken>('POST', '/v1/tokens', { json: wanted })

export const revokeToken = (name: string) =>
  request<Token>('DELETE', `/v1/tokens/${encodeURIComponent(name)}`)
