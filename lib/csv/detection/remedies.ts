import { NO_QUOTE } from '../../contract/dialect-options.js'
import type { Dialect } from '../dialect.js'
import { splitLeniently, textOf } from '../lenient.js'
import { type SampleRecord, sampleOf } from '../sample.js'
import type { BetterOptions } from './detection.js'

/** Finds a flag under which rejected records would be valid, by trying each flag on them. */

/** A rejected record. */
export interface Bad {
  readonly reason: string
  readonly record: Uint8Array
}

/** How a source was read. */
export interface ReadAs {
  readonly dialect: Dialect
  readonly columns: number
  /** Its beginning. */
  readonly sample: Buffer
}

export interface Remedy {
  readonly better: BetterOptions
  /** As on a command line: `--quote none` */
  readonly flag: string
  /** The number of records that it makes valid. */
  readonly cured: number
  /** The number of records that it was tried on. */
  readonly tried: number
}

/** Reasons of records that may be valid in another dialect. */
const OF_DIALECT = /^(?:stray quote|unescaped quote|quote never closed|too (?:few|many) fields)/
const OF_ENCODING = /^invalid UTF-8/

/** The part of the records that a flag must cure to be named. */
const WORTH_IT = 0.5

const [DOUBLE_QUOTE, APOSTROPHE, BACKSLASH] = [0x22, 0x27, 0x5c]

interface Trial {
  readonly flag: string
  readonly better: BetterOptions
  readonly dialect: Dialect
}

/** @param rejects of one source, in its order */
export function remedyFor(rejects: readonly Bad[], as: ReadAs): Remedy | undefined {
  const tried = rejects.length
  const foreign = rejects.filter(({ reason }) => OF_ENCODING.test(reason)).length
  const others = rejects.filter(({ reason }) => OF_DIALECT.test(reason))
  const trials = trialsFor(as.dialect)
    .map((trial) => ({ ...trial, cured: curedBy(trial.dialect, others, as) }))
    .filter(({ dialect, cured }) => cured > 0 && harmOf(dialect, as) * 10 <= cured)
  const lenient = others.filter((bad) => isGoodLeniently(bad, as)).length
  const remedies = [
    ...trials,
    { flag: '--lenient-quotes', better: { lenientQuotes: true }, cured: lenient },
    { flag: '--encoding WIN1252 (or its real encoding)', better: { encoding: 'WIN1252' }, cured: foreign },
  ]
  const [best] = remedies.sort((a, b) => b.cured - a.cured)
  if (!best || best.cured < Math.max(1, WORTH_IT * tried)) return undefined
  return { better: best.better, flag: best.flag, cured: best.cured, tried }
}

/** Of flags that cure the same number, the first one is named. */
function trialsFor(dialect: Dialect): Trial[] {
  const { quote, escape: mark, trim } = dialect
  const hasQuotes = quote !== NO_QUOTE
  const trials: (Trial | false)[] = [
    hasQuotes &&
      mark === quote && {
        flag: "--escape '\\'",
        better: { escape: '\\' },
        dialect: { ...dialect, escape: BACKSLASH },
      },
    !trim && hasQuotes && { flag: '--trim', better: { trim: true }, dialect: { ...dialect, trim: true } },
    hasQuotes && {
      flag: '--quote none',
      better: { quote: 'none' },
      dialect: { ...dialect, quote: NO_QUOTE, escape: NO_QUOTE },
    },
    quote !== DOUBLE_QUOTE && quoted('"', DOUBLE_QUOTE, dialect),
    quote !== APOSTROPHE && quoted("'", APOSTROPHE, dialect),
  ]
  return trials.filter((trial) => trial !== false)
}

function quoted(character: string, quote: number, dialect: Dialect): Trial {
  const flag = character === "'" ? `--quote "'"` : `--quote '"'`
  return { flag, better: { quote: character }, dialect: { ...dialect, quote, escape: quote } }
}

/** How many of the records would be valid. If a field spans lines, each line was rejected by itself. */
function curedBy(dialect: Dialect, rejects: readonly Bad[], { columns }: ReadAs): number {
  if (rejects.length === 0) return 0
  const text = Buffer.concat(rejects.flatMap(({ record }) => [record, LINE_END]))
  const { records } = sampleOf(text, dialect, true, rejects.length * 2)
  const bad = records.filter((record) => !isGood(record, columns)).length
  return Math.max(0, rejects.length - bad)
}

const LINE_END = Buffer.from('\n')

/** How many valid records at the beginning of the source would be read differently. */
function harmOf(dialect: Dialect, { dialect: now, columns, sample }: ReadAs): number {
  const good = sampleOf(sample, now, false).records.filter((record) => isGood(record, columns))
  const others = new Map(sampleOf(sample, dialect, false).records.map((record) => [record.line, record]))
  return good.filter((record) => {
    const other = others.get(record.line)
    return other !== undefined && valuesOf(other) !== valuesOf(record)
  }).length
}

function isGood(record: SampleRecord, columns: number): boolean {
  return record.fault === undefined && record.countFor(columns) === columns
}

function valuesOf({ fields, dialect }: SampleRecord): string {
  return JSON.stringify(fields.map((field) => textOf(field, dialect).toString('latin1')))
}

function isGoodLeniently({ reason, record }: Bad, { dialect, columns }: ReadAs): boolean {
  if (reason !== 'stray quote' && reason !== 'unescaped quote') return false
  return splitLeniently(record, dialect)?.length === columns
}
