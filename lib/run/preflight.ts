import { DatabaseEncodings } from '../catalog/encoding.js'
import { refuseForeignCode } from '../catalog/foreign-code.js'
import { missingSchema } from '../catalog/schema.js'
import { inspectTarget, requireTarget, type Target } from '../catalog/target.js'
import type { Settings } from '../contract/settings.js'
import type { Session } from '../db/session.js'
import { refuseBadConstants } from '../judge/invalid-values.js'
import { type Mapping, mapColumns } from '../mapping/columns.js'
import { refuseTooManyColumns } from '../mapping/limits.js'
import { type NewTypes, wantedTypes, withTypes } from '../mapping/types.js'
import { doubtsOf, withDoubts } from '../ranges/doubts.js'
import { type PreparedSource, prepareSource } from '../ranges/prepared-source.js'
import { SMALLEST_RANGE } from '../ranges/sizing.js'
import { stagedColumns } from '../ranges/source-plan.js'
import type { Source } from '../source/source.js'

export type LoadCommand = 'ingest' | 'update'

/** What is to be loaded, and how. */
export interface LoadTask {
  readonly command: LoadCommand
  readonly settings: Settings
  readonly sources: readonly Source[]
  /** The run to go on with. */
  readonly run?: number
  /** How the sources begin, where that is known without reading them. */
  readonly recorded?: readonly (PreparedSource | undefined)[] | undefined
}

/** What a load is going to do, as far as the headers and the catalog tell before anything is read. */
export interface Preflight {
  /** How each source is read. */
  readonly readings: readonly PreparedSource[]
  /** What the detection was not sure of. */
  readonly doubts: readonly string[]
  /** The columns in staging: those of the first source. */
  readonly header: readonly string[]
  readonly mapping: Mapping
  /** Of columns that are made. */
  readonly types: NewTypes
  /** The table, where it is there already. */
  readonly target: Target | undefined
  /** The schema of the table, where that is to be made as well. */
  readonly newSchema: string | undefined
}

/** Whether tables and columns may be made. */
export function mayMake(command: LoadCommand): boolean {
  return command === 'ingest'
}

/**
 * Finds whatever is against a load before a byte is copied: a bad header, a missing table, a key that does not
 * fit.
 */
export async function preflight(
  session: Session,
  { command, settings, sources, recorded }: LoadTask,
): Promise<Preflight> {
  const existing = await inspectTarget(session, settings.table)
  const known = existing?.columns.map(({ name }) => name) ?? []
  const encodings = new DatabaseEncodings(session)
  const readings: PreparedSource[] = []
  for (const source of sources) {
    const reading = recorded?.[source.ordinal] ?? (await prepareSource(encodings, settings, source, known))
    // Its turn comes later, and there may be many.
    if (source.ordinal > 0) await reading.source.rest()
    readings.push(reading)
  }
  try {
    return await match(session, { command, settings, readings, existing })
  } catch (error) {
    throw withDoubts(error, doubtsOf(readings))
  }
}

interface ToMatch extends Pick<LoadTask, 'command' | 'settings'> {
  readonly readings: readonly PreparedSource[]
  readonly existing: Target | undefined
}

/** Matches the headers with each other and with the table. */
async function match(
  session: Session,
  { command, settings, readings, existing }: ToMatch,
): Promise<Preflight> {
  const make = mayMake(command)
  const [first] = readings as [PreparedSource, ...PreparedSource[]]
  const header = first.opening.columns
  const doubts = doubtsOf(readings)
  for (const reading of readings) stagedColumns(reading, first)

  const target = make ? existing : await requireTarget(session, settings.table)
  if (target && !settings.trustOwner) await refuseForeignCode(session, target)
  // A file that runs before the merge may make it.
  const isMadeBefore = target !== undefined || settings.before.length > 0
  const newSchema = isMadeBefore ? undefined : await missingSchema(session, settings.table)
  const mayAdd = make && (settings.addColumns || target?.ours === true)
  const file = first.source.name
  const isDoubtful = doubts.length > 0
  const mapped = mapColumns({ header, settings, file, isDoubtful }, target, mayAdd)
  refuseTooManyColumns(header, mapped, { file, table: settings.table, target })
  const types = await wantedTypes(session, mapped, settings, file)
  const mapping = withTypes(mapped, types)
  await refuseBadConstants(session, mapping)
  return { readings, doubts, header, mapping, types, target, newSchema }
}

/** No more workers than the sources have ranges. */
export function workersFor({ workers, rangeSize }: Settings, sources: readonly Source[]): number {
  let ranges = 0
  for (const { size, location } of sources) {
    // What is not read as it stands has more text than bytes, nobody knows how much.
    if (size === undefined || !location) return workers
    ranges += Math.ceil(size / (rangeSize ?? SMALLEST_RANGE))
  }
  return Math.max(1, Math.min(workers, ranges))
}
