import type { Dialect } from '../dialect.js'
import type { Wanted } from './wanted.js'

/** What the user has decided; undefined if detection decides. */
export interface Given {
  readonly delimiter?: number | undefined
  readonly quote?: number | undefined
  readonly escape?: number | undefined
  readonly trim: boolean
  /** Whether the first record names the columns. */
  readonly header: boolean
  /** The number of columns, if no header names them. */
  readonly columns?: number | undefined
  /** The names that the user gave them. */
  readonly names?: readonly string[] | undefined
  /** Lines before the first record that are skipped. */
  readonly skipLines: number
  readonly wanted: Wanted
}

/** Options of a load under which more of the text may be read. */
export interface BetterOptions {
  readonly skipLines?: number
  readonly delimiter?: string
  readonly quote?: string
  readonly escape?: string
  readonly trim?: boolean
  readonly encoding?: string
  readonly lenientQuotes?: boolean
}

/** Something that speaks against a decision. */
export interface Doubt {
  /** What was found, and which flag decides. */
  readonly text: string
  /** The options that it suggests, if it is clear. */
  readonly better?: BetterOptions
}

export interface Detected {
  readonly dialect: Dialect
  /** Lines before the header: those of --skip-lines, or a line that names the delimiter. */
  readonly skipLines: number
  readonly doubts: readonly Doubt[]
}
