import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { DasyError, reasonOf } from '../errors.js'
import { type Statement, splitStatements } from './split.js'

/** A file of a user's, read before anything is loaded: what it says then is what will be run. */
export interface SqlFile {
  /** Absolute. */
  readonly path: string
  /** Of its bytes: another text may have another outcome. */
  readonly digest: string
  readonly statements: readonly Statement[]
}

/** What the ledger keeps of a file. */
export type SqlFileMark = Pick<SqlFile, 'path' | 'digest'>

/** @throws DasyError SQL_FILE_UNREADABLE, SQL_FILE_FAILED if it would end the transaction in which it is run */
export function readSqlFile(path: string): SqlFile {
  const bytes = read(path)
  const statements = splitStatements(new TextDecoder().decode(bytes))
  for (const each of statements) refuseTransactions(path, each)
  return { path, digest: createHash('sha256').update(bytes).digest('hex'), statements }
}

export function markOf({ path, digest }: SqlFile): SqlFileMark {
  return { path, digest }
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : reasonOf(error)
    throw new DasyError('SQL_FILE_UNREADABLE', `the SQL file ${path} cannot be read: ${why}`, {
      hint: 'Paths in a configuration are relative to its file, those in a program to the working directory.',
      details: { file: path },
      cause: error,
    })
  }
}

/** The first words of all statements that begin or end a transaction, or a part of one. */
const TRANSACTION = ['BEGIN', 'START', 'COMMIT', 'END', 'ROLLBACK', 'ABORT', 'SAVEPOINT', 'RELEASE']

function refuseTransactions(path: string, { words: [first = '', second], line }: Statement): void {
  const ends = TRANSACTION.includes(first) || (first === 'PREPARE' && second === 'TRANSACTION')
  if (!ends) return
  throw new DasyError(
    'SQL_FILE_FAILED',
    `${path}, line ${line}: ${first} is not possible here; the file is part of one transaction`,
    { hint: 'Take it out: dasy commits when all is well.', details: { file: path, line } },
  )
}
