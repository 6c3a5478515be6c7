import type { ErrorCode } from '../base/error-codes.js'
import { DasyError, EXIT } from '../base/errors.js'
import type { Connection } from './client.js'

/**
 * What PostgreSQL and the network say, as errors of ours. Decisions are taken on SQLSTATE and `code` only,
 * never on a message's text.
 */

interface Failure {
  code?: string
  severity?: string
  message?: string
  detail?: string
  hint?: string
  table?: string
  constraint?: string
}

/** Where a connection goes, without its password. */
export function describe({ host, port, user, database }: Connection): string {
  return `${host.startsWith('/') ? host : `${host}:${port}`}, database "${database}", user "${user}"`
}

const CHECK_URL = 'Check --database-url, DATABASE_URL or the PG* variables.'

/** What to do about it, by SQLSTATE or by the system's error code. */
const connectionHints: Record<string, string> = {
  ECONNREFUSED: `Nothing listens there. ${CHECK_URL}`,
  ENOENT: `There is no such socket. ${CHECK_URL}`,
  ENOTFOUND: `There is no such host. ${CHECK_URL}`,
  EAI_AGAIN: 'The host name cannot be looked up at the moment.',
  ETIMEDOUT: `The host does not answer. ${CHECK_URL}`,
  '28P01': 'The password is wrong or missing: give it in the URL, in PGPASSWORD or in ~/.pgpass.',
  '28000': 'The server does not let this user in from here (pg_hba.conf); it may want TLS: ?sslmode=require',
  '3D000': 'Create the database first, or name another.',
  '53300': 'The server has no connection left: use fewer --workers, or raise max_connections.',
  '57P03': 'The server is starting up or shutting down: try again in a moment.',
}

export function connectionFailure(error: unknown, connection: Connection): DasyError {
  const failure = unwrap(error)
  // Where the server wants a password and there is none the client gives up by itself, with an error that has no
  // code: the one place where only the text tells.
  const { code, message } =
    failure.code === undefined && /password must be a string/.test(failure.message ?? '')
      ? { code: '28P01', message: 'the server wants a password, and none is given' }
      : failure
  return new DasyError('CONNECTION_FAILED', `cannot connect to ${describe(connection)}: ${message}`, {
    hint: connectionHints[code ?? ''] ?? CHECK_URL,
    exitStatus: EXIT.unreachable,
    details: { sqlState: code },
    cause: error,
  })
}

/** An AggregateError (a host name with several addresses) says nothing by itself; its first error does. */
function unwrap(error: unknown): Failure {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors[0] as Failure
  return error as Failure
}

const stable: Record<string, ErrorCode> = {
  '42501': 'PERMISSION_DENIED',
  '53100': 'DISK_FULL',
  '53400': 'DISK_FULL',
  '25006': 'READ_ONLY',
  '57014': 'CANCELLED',
  '40P01': 'DEADLOCK',
  '55P03': 'LOCK_TIMEOUT',
}

const statementHints: Record<string, string> = {
  '42501': 'Ask the owner for the privilege that is missing, or connect as another user.',
  '53100': 'Make room on the server’s disk and run it again.',
  '53400': 'The server limits what a session may take, such as temp_file_limit: raise it for this user.',
  '25006': 'This is a standby or a read-only database: connect to the primary.',
}

/**
 * Only the server's own errors have a severity; without one the network or the client failed. After SQLSTATE 08…
 * (connection) and 57P01 to 57P05 (shutdown, crash) the connection is gone as well.
 */
function isLost({ code, severity }: Failure): boolean {
  return severity === undefined || /^(08|57P0[1-5])/.test(code ?? '')
}

export function statementFailure(error: unknown): DasyError {
  if (error instanceof DasyError) return error
  const { code, message, detail, hint } = error as Failure
  if (isLost(error as Failure)) {
    return new DasyError('CONNECTION_LOST', `the connection to the database was lost: ${message}`, {
      hint: 'See the server’s log; then run the command again.',
      exitStatus: EXIT.unreachable,
      details: { sqlState: code },
      cause: error,
    })
  }
  return new DasyError(
    stable[code ?? ''] ?? 'DATABASE_ERROR',
    detail ? `${message}: ${detail}` : `${message}`,
    {
      hint: statementHints[code ?? ''] ?? hint,
      details: { sqlState: code },
      cause: error,
    },
  )
}

/** The SQLSTATE behind an error of ours, if it came from PostgreSQL. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof DasyError ? (error.details.sqlState as string | undefined) : undefined
}
