import type { ErrorCode } from '../../base/error-codes.js'
import { DasyError, EXIT } from '../../base/errors.js'

/** An error of the embedded server, with exit status 4: the database cannot be reached. */
export function serverError(
  code: Extract<ErrorCode, `EMBEDDED_${string}`>,
  message: string,
  hint = 'Name another server with --database-url or DATABASE_URL.',
  cause?: unknown,
): DasyError {
  return new DasyError(code, message, { hint, cause, exitStatus: EXIT.unreachable })
}

/** A file or folder of DASY_HOME that cannot be accessed. */
export function inaccessible(path: string, cause: unknown): DasyError {
  return serverError(
    'EMBEDDED_HOME',
    `cannot access ${path}: ${codeOf(cause) ?? cause}`,
    'Run dasy as the user who owns it, name another folder in DASY_HOME, or name a server with --database-url.',
    cause,
  )
}

/** The error code of the system, such as ENOENT, or of PostgreSQL, such as 57P01. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
