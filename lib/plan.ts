import { encodeNullWord, findEncoding, toUtf8 } from './catalog/encoding.js'
import { inspectTarget, requireSchema, requireTarget } from './catalog/target.js'
import type { Format } from './csv/format.js'
import { parseHeader } from './csv/header.js'
import type { Dialect } from './csv/scan.js'
import type { Session } from './db/session.js'
import { type Mapping, mapColumns } from './merge/columns.js'
import { type Opening, readOpening } from './ranges/opening.js'
import { SMALLEST_RANGE } from './ranges/sizing.js'
import type { Settings } from './settings.js'
import type { Source } from './source/source.js'

export type LoadCommand = 'ingest' | 'update'

/** What is to be loaded, and how. */
export interface LoadTask {
  readonly command: LoadCommand
  readonly settings: Settings
  readonly source: Source
  /** The run to go on with. */
  readonly run?: number
  /** How the source begins, where that is known without reading it. */
  readonly recorded?: Omit<Opening, 'columns'>
}

/** What a load is going to do, as far as the header and the catalog tell before anything is read. */
export interface LoadOutline {
  readonly format: Format
  readonly opening: Opening
  readonly mapping: Mapping
}

/** Comma and double quote: what psql takes for CSV. */
export const DIALECT: Dialect = { delimiter: 0x2c, quote: 0x22 }

/** Whether tables and columns may be made. */
export function mayMake(command: LoadCommand): boolean {
  return command === 'ingest'
}

/**
 * Finds whatever is against a load before a byte is copied: a bad header, a missing table, a key that does not
 * fit.
 */
export async function outline(
  session: Session,
  { command, settings, source, recorded }: LoadTask,
): Promise<LoadOutline> {
  const format = await formatOf(session, settings)
  const decode = (header: Uint8Array, marked: boolean) =>
    toUtf8(session, header, marked, format.encoding, source.name)
  const opening = recorded
    ? { ...recorded, columns: parseHeader(await decode(recorded.header, false), DIALECT, source.name) }
    : await readOpening(source, DIALECT, decode)
  const make = mayMake(command)
  const target = make
    ? await inspectTarget(session, settings.table)
    : await requireTarget(session, settings.table)
  // A file that runs before the merge may make it.
  if (!target && settings.before.length === 0) await requireSchema(session, settings.table)
  const mayAdd = make && (settings.addColumns || target?.ours === true)
  return { format, opening, mapping: mapColumns(opening.columns, target, settings, mayAdd, source.name) }
}

async function formatOf(session: Session, settings: Settings): Promise<Format> {
  const { nullWord, lenientQuotes, maxRecord } = settings
  const encoding = await findEncoding(session, settings.encoding)
  return {
    dialect: DIALECT,
    encoding,
    nullWord: nullWord === undefined ? undefined : await encodeNullWord(session, nullWord, encoding),
    lenientQuotes,
    maxRecord,
  }
}

/** No more workers than the source has ranges. */
export function workersFor({ workers, rangeSize }: Settings, { size }: Source): number {
  if (size === undefined) return workers
  return Math.max(1, Math.min(workers, Math.ceil(size / (rangeSize ?? SMALLEST_RANGE))))
}
