import type { Dialect } from '../dialect.js'
import type { Wanted } from './wanted.js'

/** What is settled already; undefined where the text is to tell. */
export interface Given {
  readonly delimiter?: number | undefined
  readonly quote?: number | undefined
  readonly escape?: number | undefined
  readonly trim: boolean
  /** Whether the first record names the columns. */
  readonly header: boolean
  /** How many columns there are, where no header names them. */
  readonly columns?: number | undefined
  /** The names that the user gave them. */
  readonly names?: readonly string[] | undefined
  /** Lines in front of the first record that do not count. */
  readonly skipLines: number
  readonly wanted: Wanted
}

/** Options of a load under which the text may be read better. */
export interface BetterOptions {
  readonly skipLines?: number
  readonly delimiter?: string
  readonly quote?: string
  readonly escape?: string
  readonly trim?: boolean
  readonly encoding?: string
  readonly lenientQuotes?: boolean
}

/** Something that speaks against what was decided. */
export interface Doubt {
  /** What was seen, and which flag decides. */
  readonly text: string
  /** What it asks for, where that is plain. */
  readonly better?: BetterOptions
}

export interface Detected {
  readonly dialect: Dialect
  /** Lines in front of the header: those that were given, and a line that only names the delimiter. */
  readonly skipLines: number
  readonly doubts: readonly Doubt[]
}
