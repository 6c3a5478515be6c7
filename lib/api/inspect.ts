import { setImmediate as turn } from 'node:timers/promises'
import { Events } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { LoadOptions } from '../contract/options.js'
import { resolveOptions, type Settings } from '../contract/settings.js'
import { decodedEncodings } from '../inspect/encodings.js'
import type { Findings, Inspection } from '../inspect/inspection.js'
import { mapToNewTable } from '../inspect/new-table.js'
import { propose } from '../inspect/proposal.js'
import { reportOf } from '../inspect/report.js'
import { Survey } from '../inspect/survey.js'
import { remedyIn, sayRemedy } from '../judge/remedy.js'
import { MissingRanges } from '../ranges/missing-ranges.js'
import { type PreparedSource, prepareSource } from '../ranges/prepared-source.js'
import { sourcePlan } from '../ranges/source-plan.js'
import { type Caller, Sources, sizeOf } from '../ranges/sources.js'
import { interrupted, interruptedOr } from '../run/cancellation.js'
import { readSqlFile } from '../script/sql-file.js'

export type { DialectReport, Inspection, Proposal } from '../inspect/inspection.js'

/**
 * Reports what a load of the sources into a new table with text columns would find. Needs no database, writes nothing.
 * @param names files, patterns, URLs, `-` for standard input
 * @param options those of the load; only options for reading have an effect
 * @throws DasyError with a stable `code`
 */
export async function inspect(
  names: string | readonly string[],
  options: LoadOptions = {},
): Promise<Inspection> {
  return await inspectOpened((settings, caller) => Sources.open([names].flat(), settings, caller), options)
}

/** The same with sources that are opened in another way; they are opened more than once. */
export async function inspectOpened(
  open: (settings: Settings, caller: Caller) => Promise<Sources>,
  options: LoadOptions,
): Promise<Inspection> {
  const began = performance.now()
  requireKnownOptions('inspect', options)
  try {
    const read = (others: LoadOptions): Promise<Findings> => readOnce(open, others)
    const findings = await read(options)
    const proposal = await propose(findings, options, read)
    const { better, repeatable, ...reported } = findings
    return { ...reported, proposal, seconds: (performance.now() - began) / 1000 }
  } catch (error) {
    throw interruptedOr(error, options.signal)
  }
}

async function readOnce(
  open: (settings: Settings, caller: Caller) => Promise<Sources>,
  options: LoadOptions,
): Promise<Findings> {
  const settings = resolveOptions(options, readSqlFile)
  const { signal } = options
  const events = new Events(options.onEvent)
  await using opened = await open(settings, { signal, note: events.note })
  const sources: PreparedSource[] = []
  for (const source of opened.all) sources.push(await prepareSource(decodedEncodings, settings, source))
  const [first] = sources as [PreparedSource, ...PreparedSource[]]
  const { mapping, notes } = mapToNewTable(first, settings, options.key === undefined)
  const plans = sources.map((source) => sourcePlan(source, first))
  using survey = new Survey(plans, mapping, first.opening.columns)
  await readAll(sources, survey, settings, signal, events)
  const keys = (await survey.key?.count(() => pause(signal))) ?? null
  const { better, remedies } = suggestionsOf(sources, survey)
  return reportOf(sources, survey, {
    key: keys === null ? null : settings.mapping.key,
    keys,
    header: settings.reading.header,
    notes: [...remedies, ...notes, ...survey.notes],
    better,
  })
}

/** @throws DasyError SOURCE_CHANGED, and the errors of reading */
async function readAll(
  sources: readonly PreparedSource[],
  survey: Survey,
  { tuning: { rangeSize } }: Settings,
  signal: AbortSignal | undefined,
  events: Events,
): Promise<void> {
  const ranges = new MissingRanges(sources, [], [], { workers: 1, rangeSize })
  events.phase('inspect', sizeOf(sources.map(({ source }) => source)))
  for await (const range of ranges) {
    survey.take(range)
    events.emit({ type: 'progress', bytes: range.delivered, records: range.records })
    ranges.recycle(range, range.block)
    await pause(signal)
  }
  for (const { source } of sources) await source.verifyUnchanged()
}

/** Lets the event loop run, so that signals arrive. */
async function pause(signal: AbortSignal | undefined): Promise<void> {
  await turn()
  if (signal?.aborted) throw interrupted()
}

/** The options that detection suggests, and those with which rejects would be valid. */
function suggestionsOf(
  sources: readonly PreparedSource[],
  { rejects }: Survey,
): Pick<Findings, 'better'> & { remedies: string[] } {
  const remedies = sources.flatMap((source) => {
    const rejected = rejects.keptOf(source.source.ordinal)
    return (rejected.length > 0 && remedyIn(rejected, source)) || []
  })
  const better = Object.assign(
    {},
    ...remedies.map((remedy) => remedy.better),
    ...sources.map((source) => source.better),
  )
  return { better, remedies: remedies.slice(0, 1).map(sayRemedy) }
}
