export interface Statement {
  /** From its first word, without the semicolon. */
  readonly text: string
  /** The line of its first word, from 1. */
  readonly line: number
  /** Its first words, in capitals. */
  readonly words: readonly string[]
}

/** A user's SQL file, read before anything is loaded: its text at that time is run. */
export interface SqlFile {
  /** Absolute. */
  readonly path: string
  /** A digest of its bytes: another text may have another result. */
  readonly digest: string
  readonly statements: readonly Statement[]
}

/** What the ledger stores about a file. */
export type SqlFileMark = Pick<SqlFile, 'path' | 'digest'>

export function markOf({ path, digest }: SqlFile): SqlFileMark {
  return { path, digest }
}

/** Reads a file and cuts it into statements. */
export type ReadSqlFile = (path: string) => SqlFile
