import { NO_QUOTE } from '../contract/dialect-options.js'
import { nameOfLineEnds } from '../csv/describe.js'
import type { BetterOptions } from '../csv/detect.js'
import { hasOwnEscape } from '../csv/dialect.js'
import { doubtsOf } from '../ranges/doubts.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import { typedName } from '../source/standard-input.js'
import type { DialectReport, Findings } from './inspection.js'
import type { Survey } from './survey.js'

/** What a survey of the sources does not know by itself. */
export interface Judged {
  readonly key: readonly string[] | null
  /** The number of distinct keys. */
  readonly keys: number | null
  readonly header: boolean
  readonly notes: readonly string[]
  readonly better: BetterOptions
}

export function reportOf(
  sources: readonly PreparedSource[],
  survey: Survey,
  { key, keys, header, notes, better }: Judged,
): Findings {
  const { records, rejects, columns } = survey
  const names = sources.map(({ source }) => source.name)
  const nameOf = (source: number): string => names[source] as string
  return {
    source: oneOrAll(sources.map(({ source }) => typedName(source))),
    kind: oneOrAll(sources.map(({ source }) => source.kind)),
    dialect: oneOrAll(
      sources.map((source) => dialectOf(source, survey.recordEndsOf(source.source.ordinal), header)),
    ),
    columns,
    records,
    rejected: rejects.count,
    reasons: rejects.reasons,
    rejects: rejects.first.map(({ source, ...reject }) => ({ file: nameOf(source), ...reject })),
    key,
    keys,
    duplicates: keys === null ? null : records - rejects.count - keys,
    repeated: (survey.key?.repeated ?? []).map(({ key: parts, lines }) => ({
      key: parts,
      places: lines.map((countedLine) => {
        const { source, line } = survey.locate(countedLine)
        return { file: nameOf(source), line }
      }),
    })),
    keyCandidates: survey.keyCandidates,
    doubts: doubtsOf(sources),
    notes,
    better,
    repeatable: sources.every(({ source }) => source.repeatable),
    bytes: sources.reduce((sum, { source: { size, consumed } }) => sum + (size ?? consumed), 0),
  }
}

function dialectOf({ format, encoding }: PreparedSource, recordEnds: number, header: boolean): DialectReport {
  const { dialect } = format
  const { delimiter, quote, escape: mark } = dialect
  const character = (byte: number): string => String.fromCharCode(byte)
  return {
    delimiter: character(delimiter),
    quote: quote === NO_QUOTE ? null : character(quote),
    escape: quote === NO_QUOTE && !hasOwnEscape(dialect) ? null : character(mark),
    encoding,
    lineEnds: nameOfLineEnds(recordEnds) ?? null,
    header,
  }
}

function oneOrAll<Item>(items: readonly Item[]): Item | readonly Item[] {
  return items.length === 1 ? (items[0] as Item) : items
}
