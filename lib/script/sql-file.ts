import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { DasyError, reasonOf } from '../base/errors.js'
import type { SqlFile, Statement } from '../contract/sql-file.js'
import { splitStatements } from './split.js'

/** @throws DasyError SQL_FILE_UNREADABLE; SQL_FILE_FAILED if the file has statements that begin or end transactions */
export function readSqlFile(path: string): SqlFile {
  const bytes = read(path)
  const statements = splitStatements(new TextDecoder().decode(bytes))
  for (const each of statements) refuseTransactions(path, each)
  return { path, digest: createHash('sha256').update(bytes).digest('hex'), statements }
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'the file does not exist' : reasonOf(error)
    throw new DasyError('SQL_FILE_UNREADABLE', `the SQL file ${path} cannot be read: ${why}`, {
      hint: 'Paths in a configuration are relative to the configuration, paths in a program to the working directory.',
      details: { file: path },
      cause: error,
    })
  }
}

/** The first words of statements that begin or end a transaction or a subtransaction. */
const TRANSACTION = ['BEGIN', 'START', 'COMMIT', 'END', 'ROLLBACK', 'ABORT', 'SAVEPOINT', 'RELEASE']

function refuseTransactions(path: string, { words: [first = '', second], line }: Statement): void {
  const ends = TRANSACTION.includes(first) || (first === 'PREPARE' && second === 'TRANSACTION')
  if (!ends) return
  throw new DasyError(
    'SQL_FILE_FAILED',
    `${path}, line ${line}: ${first} is not allowed, because dasy runs the file in a transaction`,
    { hint: 'Remove it: dasy commits when everything has succeeded.', details: { file: path, line } },
  )
}
