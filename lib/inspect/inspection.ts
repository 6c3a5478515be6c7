import type { LineEnds } from '../csv/describe.js'
import type { BetterOptions } from '../csv/detect.js'
import type { ColumnReport } from './column.js'

/** How a source is written. */
export interface DialectReport {
  readonly delimiter: string
  /** Null if fields have no quotes. */
  readonly quote: string | null
  /** The quote itself if quotes are doubled. */
  readonly escape: string | null
  readonly encoding: string
  /** The line ends of its records; null if none has one. */
  readonly lineEnds: LineEnds | null
  readonly header: boolean
}

/** The load that fits best: its options in addition to those of the inspection, and what it would find. */
export interface Proposal {
  readonly options: BetterOptions
  readonly key: readonly string[] | null
  readonly keyCandidates: readonly string[]
  readonly columns: readonly ColumnReport[]
  readonly records: number
  readonly rejected: number
}

/** What a load would find. Of several sources `source`, `kind` and `dialect` are arrays. */
export interface Inspection {
  readonly source: string | readonly string[]
  /** `file`, `file gzip`, `pipe`, … */
  readonly kind: string | readonly string[]
  readonly dialect: DialectReport | readonly DialectReport[]
  readonly columns: readonly ColumnReport[]
  /** Including those that would be rejected. */
  readonly records: number
  readonly rejected: number
  /** The number for each kind of reason. */
  readonly reasons: Readonly<Record<string, number>>
  /** The first rejects. */
  readonly rejects: readonly {
    readonly file: string
    readonly line: number
    readonly byte: number
    readonly reason: string
  }[]
  /** Null if no key was checked; then `keys` and `duplicates` are null too. */
  readonly key: readonly string[] | null
  /** The number of distinct keys. */
  readonly keys: number | null
  /** Records that are not loaded because another record has their key. */
  readonly duplicates: number | null
  /** Some keys that several records have, cut if they are long, and where their first records are. */
  readonly repeated: readonly {
    readonly key: readonly string[]
    readonly places: readonly { readonly file: string; readonly line: number }[]
  }[]
  /** Columns without missing and repeated values, judged by the records that are good: each could be the key. */
  readonly keyCandidates: readonly string[]
  /** What the detection of the dialect was not sure of, with the flag that decides. */
  readonly doubts: readonly string[]
  /** What else to know before the load. */
  readonly notes: readonly string[]
  /** The load that fits best. */
  readonly proposal: Proposal
  /** Bytes as they are stored or sent. */
  readonly bytes: number
  readonly seconds: number
}

/** One reading of the sources, and the options under which they may be read better. */
export interface Findings extends Omit<Inspection, 'seconds' | 'proposal'> {
  readonly better: BetterOptions
  /** Whether the sources can be read again. */
  readonly repeatable: boolean
}
