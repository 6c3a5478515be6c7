/** A statement of an SQL file. */
export interface Statement {
  /** From its first word on, without the semicolon. */
  readonly text: string
  /** The line of its first word, from 1. */
  readonly line: number
  /** Its first words, in capitals. */
  readonly words: readonly string[]
}

/** A user's SQL file as it was read before the load: later changes of the file have no effect on the run. */
export interface SqlFile {
  /** Absolute. */
  readonly path: string
  /** A digest of its bytes, to notice that the file was changed. */
  readonly digest: string
  readonly statements: readonly Statement[]
}

/** What the ledger stores about an SQL file. */
export type SqlFileMark = Pick<SqlFile, 'path' | 'digest'>

export function markOf({ path, digest }: SqlFile): SqlFileMark {
  return { path, digest }
}

/** Reads an SQL file and splits it into statements. */
export type ReadSqlFile = (path: string) => SqlFile
