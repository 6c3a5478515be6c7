import type { Dialect } from './scan.js'

/** How a file is written, and what of it is let pass. Plain data, because it travels to a worker's thread. */
export interface Format {
  readonly dialect: Dialect
  /** As PostgreSQL spells it. */
  readonly encoding: string
  /** An unquoted field that is exactly this is NULL, besides the empty one; in the file's encoding. */
  readonly nullWord: Uint8Array | undefined
  /** Records with misplaced quotes load, the quotes as text. */
  readonly lenientQuotes: boolean
  /** The longest record in bytes, its line end not counted. */
  readonly maxRecord: number
}

/** How the records of a source are written, and what COPY is told of them. */
export interface RecordFormat extends Format {
  /** Fields of a record. */
  readonly columns: number
  /** Empty ones more that COPY gets behind them. */
  readonly surplus: number
}
