import { DasyError } from '../base/errors.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { DatabaseOptions } from '../contract/options.js'
import { type CreateTokenOptions, SCOPES, type Scope } from '../contract/service-options.js'
import { badValue, oneOf, parseAge } from '../contract/values.js'
import { Database } from '../db/database.js'
import { migrate, migrateIfThere } from '../db/migrations.js'
import type { Session } from '../db/session.js'
import { insertToken, listTokens, newSecret, revoke, type StoredToken } from '../ledger/tokens.js'

/** A token for the service, without its secret. */
export interface Token {
  readonly name: string
  readonly scope: Scope
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
}

/** A token that was just made: its secret is not stored, and shown only now. */
export interface NewToken extends Token {
  readonly token: string
}

const LONGEST_NAME = 100
/** In seconds: JavaScript knows no date that is much later than that of a few hundred thousand years. */
const LONGEST_LIFE = 100 * 365 * 24 * 3600

/**
 * Makes a token for the service.
 * @throws DasyError NAME_TAKEN
 */
export async function createToken(name: string, options: CreateTokenOptions = {}): Promise<NewToken> {
  requireKnownOptions('createToken', options)
  const wanted = wantedToken(name, options)
  await using database = await Database.open(options)
  await using session = await database.session()
  await migrate(session)
  return await createTokenIn(session, wanted)
}

export interface WantedToken {
  readonly name: string
  readonly scope: Scope
  /** For how long it is valid; null: for ever. */
  readonly seconds: number | null
}

/** @throws DasyError BAD_OPTION */
export function wantedToken(name: string, { scope = 'read', expires }: CreateTokenOptions): WantedToken {
  // Controls, and halves of characters, of which no path can be made.
  if (name.trim() === '' || name.length > LONGEST_NAME || /[\p{Cc}\p{Cs}]/u.test(name))
    throw badValue('NAME', name, `must have 1 to ${LONGEST_NAME} printable characters`)
  const seconds = expires === undefined ? null : parseAge('--expires', expires)
  if (seconds === 0 || (seconds ?? 0) > LONGEST_LIFE)
    throw badValue('--expires', expires, 'must be a duration such as 12h or 90d, of at most 100 years')
  return { name, scope: oneOf('--scope', scope, SCOPES), seconds }
}

/** @throws DasyError NAME_TAKEN */
export async function createTokenIn(session: Session, wanted: WantedToken): Promise<NewToken> {
  const secret = newSecret('dasy')
  const stored = await insertToken(session, { ...wanted, secret })
  if (stored) return { ...toToken(stored), token: secret }
  const { name } = wanted
  throw new DasyError('NAME_TAKEN', `there is a token named "${name}"`, {
    hint: `Choose another name, or revoke that one: dasy token revoke '${name}'`,
    details: { name },
  })
}

/** All tokens, also those that are revoked or have ended. */
export async function tokens(options: DatabaseOptions = {}): Promise<Token[]> {
  requireKnownOptions('tokens', options)
  await using database = await Database.openIfThere(options)
  await using session = await database?.session()
  if (!session || !(await migrateIfThere(session))) return []
  return await tokensIn(session)
}

export async function tokensIn(session: Session): Promise<Token[]> {
  return (await listTokens(session)).map(toToken)
}

/**
 * Revokes a token: from now on nobody gets in by it.
 * @throws DasyError TOKEN_NOT_FOUND
 */
export async function revokeToken(name: string, options: DatabaseOptions = {}): Promise<Token> {
  requireKnownOptions('revokeToken', options)
  await using database = await Database.openIfThere(options)
  await using session = await database?.session()
  if (!session || !(await migrateIfThere(session))) throw tokenNotFound(name)
  return await revokeTokenIn(session, name)
}

/** @throws DasyError TOKEN_NOT_FOUND */
export async function revokeTokenIn(session: Session, name: string): Promise<Token> {
  const stored = await revoke(session, name)
  if (!stored) throw tokenNotFound(name)
  return toToken(stored)
}

function tokenNotFound(name: string): DasyError {
  return new DasyError('TOKEN_NOT_FOUND', `there is no token named "${name}" that is not revoked`, {
    hint: '"dasy token list" lists them.',
    details: { name },
  })
}

function toToken({ name, scope, created_at, expires_at, revoked_at }: StoredToken): Token {
  return {
    name,
    scope,
    createdAt: created_at.toISOString(),
    expiresAt: expires_at?.toISOString() ?? null,
    revokedAt: revoked_at?.toISOString() ?? null,
  }
}
