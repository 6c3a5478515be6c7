import { setImmediate as turn } from 'node:timers/promises'
import { DasyError } from '../base/errors.js'
import { NO_QUOTE } from '../contract/dialect-options.js'
import { Events } from '../contract/events.js'
import { refuseForeignOptions } from '../contract/known-options.js'
import { defaults, type LoadOptions } from '../contract/options.js'
import { resolveOptions, type Settings } from '../contract/settings.js'
import { type LineEnds, nameOfLineEnds } from '../csv/describe.js'
import type { BetterOptions } from '../csv/detect.js'
import { hasOwnEscape } from '../csv/dialect.js'
import type { ColumnReport } from '../inspect/column.js'
import { decodedEncodings } from '../inspect/encodings.js'
import { Survey } from '../inspect/survey.js'
import { remedyIn, sayRemedy } from '../judge/remedy.js'
import { type Mapping, mapColumns } from '../mapping/columns.js'
import { doubtsOf, withDoubts } from '../ranges/doubts.js'
import { MissingRanges } from '../ranges/missing-ranges.js'
import { type PreparedSource, prepareSource } from '../ranges/prepared-source.js'
import { sourcePlan } from '../ranges/source-plan.js'
import { Sources, sizeOf } from '../ranges/sources.js'
import { explained, interrupted } from '../run/cancellation.js'
import { readSqlFile } from '../script/sql-file.js'
import { typedName } from '../source/standard-input.js'

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

/** The options of a load that fits, besides those of the inspection, and what it would find. */
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
  /** Null if no key was judged; then `keys` and `duplicates` are null too. */
  readonly key: readonly string[] | null
  /** The number of distinct keys. */
  readonly keys: number | null
  /** Records that are not loaded because another record has their key. */
  readonly duplicates: number | null
  /** Some keys of several records, long ones cut, and the places of their first records. */
  readonly repeated: readonly {
    readonly key: readonly string[]
    readonly places: readonly { readonly file: string; readonly line: number }[]
  }[]
  /** Columns without missing and repeated values, judged by the records that are good: each could be the key. */
  readonly keyCandidates: readonly string[]
  /** What the detection of the dialect was not sure of, and which flag decides. */
  readonly doubts: readonly string[]
  /** What else is worth knowing, before the load. */
  readonly notes: readonly string[]
  /** The load that fits. */
  readonly proposal: Proposal
  /** As they are stored or sent. */
  readonly bytes: number
  readonly seconds: number
}

/**
 * Finds what a load of sources into a new table of text would find. Needs no database, and writes nothing.
 * @param names files, patterns, URLs, `-` for standard input
 * @param options of the load; those that are not about reading are ignored
 * @throws DasyError with a stable `code`
 */
export async function inspect(
  names: string | readonly string[],
  options: LoadOptions = {},
): Promise<Inspection> {
  const began = performance.now()
  refuseForeignOptions('inspect', options)
  try {
    const found = await look(names, options)
    const proposal = await propose(names, options, found)
    const { better, repeatable, ...told } = found
    return { ...told, proposal, seconds: (performance.now() - began) / 1000 }
  } catch (error) {
    throw explained(error, options.signal)
  }
}

/** What was found, and how it might be read better. */
interface Look extends Omit<Inspection, 'seconds' | 'proposal'> {
  readonly better: BetterOptions
  readonly repeatable: boolean
}

async function look(names: string | readonly string[], options: LoadOptions): Promise<Look> {
  const settings = resolveOptions(options, readSqlFile)
  await using sources = await Sources.open([names].flat(), settings, {
    signal: options.signal,
    note: new Events(options.onEvent).note,
  })
  const readings: PreparedSource[] = []
  for (const source of sources.all) readings.push(await prepareSource(decodedEncodings, settings, source))
  return await survey(readings, settings, options)
}

/** So many flags are found one behind the other. */
const MOST_STEPS = 3

/** Looks again under the options that would read it better, as long as it gets better. */
async function propose(
  names: string | readonly string[],
  options: LoadOptions,
  first: Look,
): Promise<Proposal> {
  let added: BetterOptions = {}
  let best = first
  for (let step = 0; step < MOST_STEPS && best.repeatable; step += 1) {
    if (Object.keys(best.better).length === 0) break
    const tried: BetterOptions = { ...added, ...best.better }
    const found = await look(names, { ...options, ...tried }).catch(() => undefined)
    if (!found || !isBetter(found, best)) break
    added = tried
    best = found
  }
  // What is only just the likelier way is said, so that it does not depend on what else is asked for.
  const pinned = best.doubts.length > 0 ? pinnedDialect(best, options) : {}
  const { key, keyCandidates, columns, records, rejected } = best
  return { options: { ...pinned, ...added }, key, keyCandidates, columns, records, rejected }
}

function isBetter(found: Look, before: Look): boolean {
  const good = ({ records, rejected }: Look): number => records - rejected
  return (
    good(found) > 0 &&
    (good(found) > good(before) || found.columns.length > before.columns.length || sameWords())
  )

  function sameWords(): boolean {
    return good(found) === good(before) && found.doubts.length < before.doubts.length
  }
}

function pinnedDialect({ dialect }: Look, given: LoadOptions): BetterOptions {
  const [first] = [dialect].flat() as [DialectReport]
  const { delimiter, quote, escape: mark } = first
  // As they can be said on a command line.
  const named: Record<string, string> = { '\t': 'tab', ' ': 'space' }
  return {
    ...(given.delimiter === undefined && delimiter !== ',' && { delimiter: named[delimiter] ?? delimiter }),
    ...(given.quote === undefined && quote !== '"' && { quote: quote ?? 'none' }),
    ...(given.escape === undefined && quote !== null && mark !== quote && { escape: mark as string }),
  }
}

async function survey(
  readings: readonly PreparedSource[],
  settings: Settings,
  options: LoadOptions,
): Promise<Look> {
  const { signal } = options
  const events = new Events(options.onEvent)
  const [first] = readings as [PreparedSource, ...PreparedSource[]]
  const { mapping, notes } = mapped(first, settings, options.key === undefined)
  const plans = readings.map((reading) => sourcePlan(reading, first))
  using survey = new Survey(plans, mapping, first.opening.columns)
  const pause = async (): Promise<void> => {
    await turn()
    if (signal?.aborted) throw interrupted()
  }
  const ranges = new MissingRanges(readings, [], [], { workers: 1, rangeSize: settings.tuning.rangeSize })
  events.phase('inspect', sizeOf(readings.map(({ source }) => source)))
  for await (const range of ranges) {
    survey.take(range)
    events.emit({ type: 'progress', bytes: range.delivered, records: range.records })
    ranges.recycle(range, range.block)
    await pause()
  }
  for (const { source } of readings) await source.verifyUnchanged()
  const keys = (await survey.key?.count(pause)) ?? null
  return report(readings, survey, {
    key: keys === null ? null : settings.mapping.key,
    keys,
    header: settings.reading.header,
    notes: [...notes, ...survey.notes],
    ...betterFor(readings, survey),
  })
}

/** What the detection suggests, and what the rejects do. */
function betterFor(
  readings: readonly PreparedSource[],
  { rejects }: Survey,
): Pick<Judged, 'better' | 'remedies'> {
  const remedies = readings.flatMap((reading) => {
    const some = rejects.keptOf(reading.source.ordinal)
    return (some.length > 0 && remedyIn(some, reading)) || []
  })
  const better = Object.assign(
    {},
    ...remedies.map((remedy) => remedy.better),
    ...readings.map((each) => each.better),
  )
  return { better, remedies: remedies.slice(0, 1).map(sayRemedy) }
}

/** Without a key where none was asked for and the file lacks the usual one. */
function mapped(
  { source, opening, doubts }: PreparedSource,
  settings: Settings,
  isDefault: boolean,
): { mapping: Mapping; notes: string[] } {
  const toMap = { header: opening.columns, file: source.name, isDoubtful: doubts.length > 0 }
  try {
    return { mapping: mapColumns({ ...toMap, settings }, undefined, true), notes: [] }
  } catch (error) {
    if (!isDefault || !(error instanceof DasyError) || error.code !== 'KEY_COLUMN_MISSING')
      throw withDoubts(error, doubts)
    const mapping = mapColumns(
      { ...toMap, settings: { ...settings, mapping: { ...settings.mapping, key: [] } } },
      undefined,
      true,
    )
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
  readonly better: BetterOptions
  readonly remedies: readonly string[]
}

function report(
  readings: readonly PreparedSource[],
  survey: Survey,
  { key, keys, header, notes, better, remedies }: Judged,
): Look {
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
    keyCandidates: survey.keyCandidates,
    doubts: doubtsOf(readings),
    notes: [...remedies, ...notes],
    better,
    repeatable: readings.every(({ source }) => source.repeatable),
    bytes: readings.reduce((sum, { source: { size, consumed } }) => sum + (size ?? consumed), 0),
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
