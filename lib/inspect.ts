import { setImmediate as turn } from 'node:timers/promises'
import { type LineEnds, nameOfLineEnds } from './csv/describe.js'
import { hasOwnEscape, NO_QUOTE } from './csv/dialect.js'
import { DasyError } from './errors.js'
import type { ColumnReport } from './inspect/column.js'
import { decodedEncodings } from './inspect/encodings.js'
import { Survey } from './inspect/survey.js'
import { explained, interrupted } from './interruption.js'
import { type Mapping, mapColumns } from './merge/columns.js'
import { MissingRanges } from './missing-ranges.js'
import { defaults, type LoadOptions } from './options.js'
import { type Reading, readSource } from './reading.js'
import { type Settings, settle } from './settings.js'
import { typedName } from './source/standard-input.js'
import { sourcePlan } from './source-plan.js'
import { Sources, sizeOf } from './sources.js'

/** How a source is written. */
export interface DialectReport {
  readonly delimiter: string
  /** Null where fields have no quotes. */
  readonly quote: string | null
  /** The quote itself where one is written twice. */
  readonly escape: string | null
  readonly encoding: string
  /** Of its records; null where none has one. */
  readonly lineEnds: LineEnds | null
  readonly header: boolean
}

/** What a load would find. Of several sources `source`, `kind` and `dialect` are arrays. */
export interface Inspection {
  readonly source: string | readonly string[]
  /** `file`, `file gzip`, `pipe`, … */
  readonly kind: string | readonly string[]
  readonly dialect: DialectReport | readonly DialectReport[]
  readonly columns: readonly ColumnReport[]
  /** Those that would be rejected included. */
  readonly records: number
  readonly rejected: number
  /** How many for each kind of reason. */
  readonly reasons: Readonly<Record<string, number>>
  /** The first of them. */
  readonly rejects: readonly {
    readonly file: string
    readonly line: number
    readonly byte: number
    readonly reason: string
  }[]
  /** Null where no key was judged, and so are `keys` and `duplicates`. */
  readonly key: readonly string[] | null
  /** How many distinct ones there are. */
  readonly keys: number | null
  /** Records that lose to another of the same key. */
  readonly duplicates: number | null
  /** Some keys that several records have, long ones cut, and where the first of these are. */
  readonly repeated: readonly {
    readonly key: readonly string[]
    readonly places: readonly { readonly file: string; readonly line: number }[]
  }[]
  /** What leaves a doubt. */
  readonly notes: readonly string[]
  /** As they are stored or sent. */
  readonly bytes: number
  readonly seconds: number
}

/**
 * Says what a load of sources into a new table of text would find. Needs no database, and writes nothing.
 * @param names files, patterns, URLs, `-` for standard input
 * @param options of the load; what is not about reading does not matter
 * @throws DasyError with a stable `code`
 */
export async function inspect(
  names: string | readonly string[],
  options: LoadOptions = {},
): Promise<Inspection> {
  const began = performance.now()
  const settings = settle(options)
  try {
    await using sources = await Sources.open([names].flat(), settings, options)
    const readings: Reading[] = []
    for (const source of sources.all) readings.push(await readSource(decodedEncodings, settings, source))
    const found = await survey(readings, settings, options)
    return { ...found, seconds: (performance.now() - began) / 1000 }
  } catch (error) {
    throw explained(error, options.signal)
  }
}

async function survey(
  readings: readonly Reading[],
  settings: Settings,
  options: LoadOptions,
): Promise<Omit<Inspection, 'seconds'>> {
  const { signal, progress = {} } = options
  const [first] = readings as [Reading, ...Reading[]]
  const { mapping, notes } = mapped(first, settings, options.key === undefined)
  const plans = readings.map((reading) => sourcePlan(reading, first))
  using survey = new Survey(plans, mapping, first.opening.columns)
  const pause = async (): Promise<void> => {
    await turn()
    if (signal?.aborted) throw interrupted()
  }
  const ranges = new MissingRanges(readings, [], [], { workers: 1, rangeSize: settings.rangeSize })
  progress.phase?.('inspect', sizeOf(readings.map(({ source }) => source)))
  for await (const range of ranges) {
    survey.take(range)
    progress.advanced?.(range.delivered, range.records)
    ranges.recycle(range, range.block)
    await pause()
  }
  for (const { source } of readings) await source.verifyUnchanged()
  const keys = (await survey.key?.count(pause)) ?? null
  return report(readings, survey, {
    key: keys === null ? null : settings.key,
    keys,
    header: settings.header,
    notes: [...readings.flatMap((reading) => doubtsOf(reading, readings)), ...notes],
  })
}

/** Without a key where none was asked for and the file lacks the usual one. */
function mapped(
  { source, opening }: Reading,
  settings: Settings,
  isDefault: boolean,
): { mapping: Mapping; notes: string[] } {
  const toMap = { header: opening.columns, file: source.name }
  try {
    return { mapping: mapColumns({ ...toMap, settings }, undefined, true), notes: [] }
  } catch (error) {
    if (!isDefault || !(error instanceof DasyError) || error.code !== 'KEY_COLUMN_MISSING') throw error
    const mapping = mapColumns({ ...toMap, settings: { ...settings, key: [] } }, undefined, true)
    return {
      mapping,
      notes: [`there is no column "${defaults.key}": no key was judged; name one with --key`],
    }
  }
}

interface Judged {
  readonly key: readonly string[] | null
  readonly keys: number | null
  readonly header: boolean
  readonly notes: readonly string[]
}

function report(
  readings: readonly Reading[],
  survey: Survey,
  { key, keys, header, notes }: Judged,
): Omit<Inspection, 'seconds'> {
  const { records, rejects, columns } = survey
  const names = readings.map(({ source }) => source.name)
  const nameOf = (source: number): string => names[source] as string
  return {
    source: oneOrAll(readings.map(({ source }) => typedName(source))),
    kind: oneOrAll(readings.map(({ source }) => source.kind)),
    dialect: oneOrAll(
      readings.map((reading) => dialectOf(reading, survey.recordEndsOf(reading.source.ordinal), header)),
    ),
    columns,
    records,
    rejected: rejects.count,
    reasons: rejects.reasons,
    rejects: rejects.first.map(({ source, ...reject }) => ({ file: nameOf(source), ...reject })),
    key,
    keys,
    duplicates: keys === null ? null : records - rejects.count - keys,
    repeated: (survey.key?.repeated ?? []).map(({ key: parts, places }) => ({
      key: parts,
      places: places.map((place) => {
        const { source, line } = survey.located(place)
        return { file: nameOf(source), line }
      }),
    })),
    notes,
    bytes: readings.reduce((sum, { source: { size, consumed } }) => sum + (size ?? consumed), 0),
  }
}

function dialectOf({ format, encoding }: Reading, recordEnds: number, header: boolean): DialectReport {
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

function doubtsOf({ source, doubts }: Reading, { length }: readonly Reading[]): string[] {
  return doubts.map((doubt) => (length === 1 ? doubt : `${source.name}: ${doubt}`))
}

function oneOrAll<Item>(items: readonly Item[]): Item | readonly Item[] {
  return items.length === 1 ? (items[0] as Item) : items
}
