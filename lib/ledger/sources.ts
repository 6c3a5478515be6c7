import type { Dialect } from '../csv/scan.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import type { SourceDetails } from '../source/recorded.js'
import type { Source } from '../source/source.js'
import { typedName } from '../source/standard-input.js'

/** The sources of runs, in the ledger. */

/** A source to record, and how it is read. */
export interface NewSource {
  readonly source: Source
  readonly header: Uint8Array
  readonly columns: readonly string[]
  /** Where the first data record begins. */
  readonly start: { readonly offset: number; readonly line: number }
  readonly encoding: string
  readonly dialect: Dialect
}

/** A source of a run as recorded, and how it is read. */
export interface StoredSource extends SourceDetails {
  readonly run: number
  readonly header: Buffer
  readonly first_byte: number
  readonly first_line: number
  readonly encoding: string
  readonly dialect: Dialect
  readonly columns: readonly string[]
  /** The offset at which its text ends; null until it is known. */
  readonly text_bytes: number | null
}

export async function recordSource(session: Session, run: number, recorded: NewSource): Promise<void> {
  const { source, header, columns, start, encoding, dialect } = recorded
  await session.run(statement('ledger/record_source'), [
    run,
    source.ordinal,
    source.kind,
    typedName(source),
    source.path,
    source.size ?? null,
    source.repeatable,
    JSON.stringify(source.identity),
    header,
    start.offset,
    start.line,
    encoding,
    JSON.stringify(dialect),
    columns,
  ])
}

/** Records a source of a run that waits in the queue: how it is read is found out when a worker begins. */
export async function announceSource(session: Session, run: number, source: Source): Promise<void> {
  await session.run(statement('ledger/record_source'), [
    ...[run, source.ordinal, source.kind, typedName(source), source.path, source.size ?? null],
    ...[source.repeatable, JSON.stringify(source.identity), null, null, null, null, null, null],
  ])
}

/** Records that sources are staged completely. @returns their bytes as stored or sent; what was read, where that was unknown */
export async function recordSizes(
  session: Session,
  run: number,
  sources: readonly Source[],
): Promise<number> {
  const row = await session.row<{ bytes: number }>(statement('ledger/record_sizes'), [
    run,
    sources.map(({ ordinal }) => ordinal),
    sources.map(({ consumed }) => consumed),
  ])
  return (row as { bytes: number }).bytes
}

export async function listSources(session: Session, runs: readonly number[]): Promise<StoredSource[]> {
  return session.rows<StoredSource>(statement('ledger/list_sources'), [runs])
}
