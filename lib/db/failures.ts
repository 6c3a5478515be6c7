import type { ErrorCode } from '../base/error-codes.js'
import { DasyError, EXIT, internal } from '../base/errors.js'
import type { Connection } from './client.js'

/**
 * Turns errors of PostgreSQL and of the network into DasyErrors. SQLSTATE and the system's error code decide, never the
 * text of a message.
 */

interface Failure {
  code?: string
  severity?: string
  message?: string
  detail?: string
  hint?: string
  table?: string
  constraint?: string
  /** Of PostgreSQL's source, where it was raised. */
  file?: string
}

/** Describes a connection, without its password. */
export function describe({ host, port, user, database }: Connection): string {
  return `${host.startsWith('/') ? host : `${host}:${port}`}, database "${database}", user "${user}"`
}

const CHECK_URL = 'Check --database-url, DATABASE_URL or the PG* variables.'

/** Hints by SQLSTATE or by the system's error code. */
const connectionHints: Record<string, string> = {
  ECONNREFUSED: `No server listens there. ${CHECK_URL}`,
  ENOENT: `The socket does not exist. ${CHECK_URL}`,
  ENOTFOUND: `The host does not exist. ${CHECK_URL}`,
  EAI_AGAIN: 'The host name cannot be resolved at the moment.',
  ETIMEDOUT: `The host does not answer. ${CHECK_URL}`,
  '28P01': 'The password is wrong or missing: set it in the URL, in PGPASSWORD or in ~/.pgpass.',
  '28000':
    'The server does not accept this user from this host (pg_hba.conf); it may require TLS: ?sslmode=require',
  '3D000': 'Create the database first, or name another.',
  '53300': 'The server has no free connection: use fewer --workers, or raise max_connections.',
  '57P03': 'The server is starting up or shutting down: try again in a moment.',
}

export function connectionFailure(error: unknown, connection: Connection): DasyError {
  const failure = unwrap(error)
  // If the server requires a password and there is none, the client fails with an error without a code: the only place
  // where the text decides.
  const { code, message } =
    failure.code === undefined && /password must be a string/.test(failure.message ?? '')
      ? { code: '28P01', message: 'the server requires a password, and none is set' }
      : failure
  return new DasyError('CONNECTION_FAILED', `cannot connect to ${describe(connection)}: ${message}`, {
    hint: connectionHints[code ?? ''] ?? CHECK_URL,
    exitStatus: EXIT.unreachable,
    details: { sqlState: code },
    cause: error,
  })
}

/** An AggregateError (of a host name with several addresses) has no message of its own: use its first error. */
function unwrap(error: unknown): Failure {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors[0] as Failure
  return error as Failure
}

const codes: Record<string, ErrorCode> = {
  '42501': 'PERMISSION_DENIED',
  '53100': 'DISK_FULL',
  '53400': 'DISK_FULL',
  '25006': 'READ_ONLY',
  '57014': 'CANCELLED',
  '40P01': 'DEADLOCK',
  '55P03': 'LOCK_TIMEOUT',
}

const statementHints: Record<string, string> = {
  '42501': 'Ask the owner for the missing privilege, or connect as another user.',
  '53100': 'Free space on the server’s disk, then run the command again.',
  '53400': 'A limit of the server was reached, such as temp_file_limit: raise it for this user.',
  '25006': 'This is a standby or a read-only database: connect to the primary.',
}

/**
 * Whether the connection is lost. Errors without a severity come from the network or the client. SQLSTATE 08… (connection)
 * and 57P01 to 57P05 (shutdown, crash) end the connection too. A session whose parallel worker is gone is about to follow it, if the
 * server is going down; the SQLSTATE of that (object_not_in_prerequisite_state) has other meanings elsewhere.
 */
function isLost({ code, severity, file }: Failure): boolean {
  const hasLostWorker = code === '55000' && file === 'parallel.c'
  return severity === undefined || hasLostWorker || /^(08|57P0[1-5])/.test(code ?? '')
}

export function statementFailure(error: unknown): DasyError {
  if (error instanceof DasyError) return error
  // A mistake in this program, which would be the same if it was tried again.
  if (error instanceof TypeError || error instanceof ReferenceError) return internal(error)
  const { code, message, detail, hint } = error as Failure
  if (isLost(error as Failure)) {
    return new DasyError('CONNECTION_LOST', `the connection to the database was lost: ${message}`, {
      hint: 'Check the server’s log, then run the command again.',
      exitStatus: EXIT.unreachable,
      details: { sqlState: code },
      cause: error,
    })
  }
  return new DasyError(
    codes[code ?? ''] ?? 'DATABASE_ERROR',
    detail ? `${message}: ${detail}` : `${message}`,
    {
      hint: statementHints[code ?? ''] ?? hint,
      details: { sqlState: code },
      cause: error,
    },
  )
}

/** The SQLSTATE of an error that came from PostgreSQL, else undefined. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof DasyError ? (error.details.sqlState as string | undefined) : undefined
}
