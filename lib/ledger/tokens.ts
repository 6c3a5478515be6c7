import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Scope } from '../contract/service-options.js'
import type { Session } from '../db/session.js'
import { query, sql } from '../db/sql.js'

/** A token as it is stored, without its secret. */
export interface StoredToken {
  readonly token: number
  readonly name: string
  readonly scope: Scope
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
}

/** Whoever shows a token, or the cookie that was given for it. */
export type Credential = Pick<StoredToken, 'token' | 'name' | 'scope'>

/** 256 random bits: nobody guesses them, so a fast hash is enough. */
export function newSecret(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`
}

export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

const VALID = sql`t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())`

/** The valid token of this secret. */
export function findCredential(session: Session, secret: string): Promise<Credential | undefined> {
  return find(
    session,
    secret,
    query`SELECT t.token, t.name, t.scope, t.hash FROM dasy.tokens AS t
                                 WHERE t.hash = $1 AND ${VALID}`,
  )
}

/** The valid token for which this cookie was given. */
export function findCredentialOfCookie(session: Session, secret: string): Promise<Credential | undefined> {
  return find(
    session,
    secret,
    query`SELECT t.token, t.name, t.scope, s.hash
                                  FROM dasy.sessions AS s JOIN dasy.tokens AS t USING (token)
                                 WHERE s.hash = $1 AND s.expires_at > now() AND ${VALID}`,
  )
}

async function find(session: Session, secret: string, text: string): Promise<Credential | undefined> {
  const hash = hashOf(secret)
  const [row] = await session.planned<Credential & { hash: Buffer }>(text, [hash])
  if (!row || !timingSafeEqual(row.hash, hash)) return undefined
  const { token, name, scope } = row
  return { token, name, scope }
}

export async function listTokens(session: Session): Promise<StoredToken[]> {
  return await session.rows<StoredToken>(
    query`SELECT token, name, scope, created_at, expires_at, revoked_at FROM dasy.tokens ORDER BY token`,
  )
}

/** @returns undefined if there is a valid token of this name */
export async function insertToken(
  session: Session,
  { name, scope, seconds, secret }: { name: string; scope: Scope; seconds: number | null; secret: string },
): Promise<StoredToken | undefined> {
  return await session.row<StoredToken>(
    query`INSERT INTO dasy.tokens (name, scope, hash, expires_at)
          VALUES ($1, $2, $3, now() + $4 * interval '1 second')
          ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING
          RETURNING token, name, scope, created_at, expires_at, revoked_at`,
    [name, scope, hashOf(secret), seconds],
  )
}

/** @returns undefined if there is none of this name that is not revoked */
export async function revoke(session: Session, name: string): Promise<StoredToken | undefined> {
  return await session.row<StoredToken>(
    query`UPDATE dasy.tokens SET revoked_at = now() WHERE name = $1 AND revoked_at IS NULL
          RETURNING token, name, scope, created_at, expires_at, revoked_at`,
    [name],
  )
}

export async function insertCookie(
  session: Session,
  token: number,
  secret: string,
  seconds: number,
): Promise<void> {
  await session.run(
    query`WITH old AS (DELETE FROM dasy.sessions WHERE expires_at < now())
          INSERT INTO dasy.sessions (hash, token, expires_at) VALUES ($1, $2, now() + $3 * interval '1 second')`,
    [hashOf(secret), token, seconds],
  )
}

export async function deleteCookie(session: Session, secret: string): Promise<void> {
  await session.run(query`DELETE FROM dasy.sessions WHERE hash = $1`, [hashOf(secret)])
}
