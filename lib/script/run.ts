import { DasyError } from '../base/errors.js'
import type { SqlFile, Statement } from '../contract/sql-file.js'
import { isTransient } from '../db/retry.js'
import type { Session } from '../db/session.js'
import { query, statement } from '../db/sql.js'

/** Where in a statement PostgreSQL found an error. */
interface ErrorPosition {
  /** In characters, from 1. */
  readonly position?: string
  readonly where?: string
}

/**
 * Runs an SQL file within the caller's transaction, statement by statement. Afterwards it resets the settings that the file
 * changed (search_path, role, …).
 * @throws DasyError SQL_FILE_FAILED with file, line and PostgreSQL's message
 */
export async function runSqlFile(session: Session, file: SqlFile): Promise<void> {
  const before = await session.row<{ transaction: string; settings: string }>(statement('script/remember'))
  for (const each of file.statements) {
    await session.runExtended(each.text).catch((error) => {
      throw failed(file, each, error)
    })
  }
  const { transaction, settings } = before as { transaction: string; settings: string }
  const after = await session.row<{ transaction: string | null }>(
    query`SELECT pg_current_xact_id_if_assigned()::text AS transaction`,
  )
  // No statement that readSqlFile accepts does this. If one does, nothing may be committed.
  if (after?.transaction !== transaction) throw transactionEnded(file)
  await session.run(query`RESET ROLE`)
  await session.run(statement('script/restore_settings'), [settings])
}

function failed(file: SqlFile, found: Statement, error: unknown): unknown {
  if (!(error instanceof DasyError) || isTransient(error)) return error
  const { position, where } = (error.cause ?? {}) as ErrorPosition
  const line = found.line + lineBreaks(found.text, position)
  return new DasyError('SQL_FILE_FAILED', `${file.path}, line ${line}: ${error.message}`, {
    hint: [error.hint, 'Nothing was changed.'].filter(Boolean).join(' '),
    details: { ...error.details, file: file.path, line, where },
    cause: error,
  })
}

function lineBreaks(text: string, position: string | undefined): number {
  if (position === undefined) return 0
  // PostgreSQL counts characters, JavaScript UTF-16 units (two for some characters).
  const before = Array.from(text).slice(0, Number(position) - 1)
  return before.filter((character) => character === '\n').length
}

function transactionEnded({ path }: SqlFile): DasyError {
  return new DasyError('SQL_FILE_FAILED', `${path} ended the transaction in which dasy runs it`, {
    hint: 'Remove the statements that commit or roll back.',
    details: { file: path },
  })
}
