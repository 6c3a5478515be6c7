import type { Dialect } from './scan.js'

/** How a file is written, and which flaws are accepted. Plain data, because it is sent to worker threads. */
export interface Format {
  readonly dialect: Dialect
  /** As PostgreSQL spells it. */
  readonly encoding: string
  /** An unquoted field with this text is NULL, as an empty one is; in the file's encoding. */
  readonly nullWord: Uint8Array | undefined
  /** Records with misplaced quotes are loaded, with these quotes as text. */
  readonly lenientQuotes: boolean
  /** The longest record in bytes, its line end not counted. */
  readonly maxRecord: number
}

/** The format of a source whose header is known. */
export interface RecordFormat extends Format {
  /** The number of fields in a record. */
  readonly columns: number
  /** How many empty fields COPY expects after these. */
  readonly surplus: number
}
