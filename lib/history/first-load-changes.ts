import { inspectTarget } from '../catalog/target.js'
import type { Place } from '../contract/change.js'
import { isReadable } from '../contract/stored-settings.js'
import type { TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { type Fragment, list, query } from '../db/sql.js'
import type { RunRecord } from '../ledger/history.js'
import { listSources, type StoredSource } from '../ledger/sources.js'
import { findStored } from '../ledger/stored-run.js'
import { type ChangeSet, setsOf } from './change-set.js'
import { declareLoadedRows, type LoadedPlaces, type LoadedRow } from './first-load-rows.js'
import { type LoadedFrom, RecordsOfLoad } from './loaded-places.js'
import { fetched, type StoredChange } from './read.js'
import { type Relation, relationOf, requireFirstLoad } from './relation.js'
import { type StoredColumn, textOf, withTextSettings } from './value-text.js'

interface FirstLoadRun {
  readonly set: ChangeSet
  readonly record: RunRecord
  readonly sources: readonly StoredSource[]
}

/** An inserted row, with the place of its record. */
export interface LoadedChange extends Pick<StoredChange, 'op' | 'key' | 'old' | 'new'> {
  readonly place: Place
}

/** With a limit, at first only so many records more are read. */
const MORE_RECORDS = 1000

/**
 * The changes of a first load, of which no copy is kept: the rows of its transaction, and those that later runs have replaced; in
 * the order of the sources, if these can be read again.
 */
export class FirstLoadChanges {
  readonly #session: Session
  readonly #run: FirstLoadRun

  constructor(session: Session, run: FirstLoadRun) {
    this.#session = session
    this.#run = run
  }

  /** @throws DasyError TABLE_REPLACED, HISTORY_LOST */
  async *read(limit?: number): AsyncGenerator<LoadedChange> {
    const relation = await this.#relation()
    const records = await this.#records(relation)
    try {
      const isPart = limit !== undefined && records?.canBePart
      const places = records && (await this.#find(records, isPart ? limit + MORE_RECORDS : undefined))
      let rows = this.#rows(relation, places, limit)
      if (places && !places.isWhole) rows = this.#orAll(await listed(rows), relation, records, limit)
      yield* rows
    } finally {
      await records?.close()
    }
  }

  /** If the first records do not have enough of the rows, all are read. */
  async *#orAll(
    first: readonly LoadedChange[],
    relation: Relation,
    records: RecordsOfLoad,
    limit: number | undefined,
  ): AsyncGenerator<LoadedChange> {
    if (first.length === limit) yield* first
    else yield* this.#rows(relation, await this.#find(records), limit)
  }

  async *#rows(
    relation: Relation,
    places: LoadedPlaces | undefined,
    limit: number | undefined,
  ): AsyncGenerator<LoadedChange> {
    const session = this.#session
    const { set, sources } = this.#run
    const sets = await setsOf(session, relation.oid)
    await using _ = await session.snapshot()
    await declareLoadedRows(session, set, sets, relation, { places, limit: limit ?? null })
    const only = sources.length === 1 ? (sources[0]?.name ?? null) : null
    for await (const { source, byte, line, key, new: values } of fetched<LoadedRow>(session)) {
      const name = source === null ? only : (sources[source]?.name ?? null)
      yield { op: 'i', key, old: null, new: values, place: { source: name, byte, line } }
    }
  }

  /** @throws DasyError TABLE_REPLACED, HISTORY_LOST */
  async #relation(): Promise<Relation> {
    const session = this.#session
    const { set, record } = this.#run
    return await session.transaction(() =>
      withTextSettings(session, async () => {
        const found = await relationOf(session, set, record.table)
        await requireFirstLoad(session, set, found)
        return found
      }),
    )
  }

  async #records({ table }: Relation): Promise<RecordsOfLoad | undefined> {
    const { set, record, sources } = this.#run
    return await recordsOf(this.#session, table, {
      run: set.run,
      sources,
      duplicates: record.rows?.duplicates ?? 0,
    })
  }

  /** Undefined if a source is not as it was, or if this session may not write a temporary table (on a standby it may not). */
  async #find(records: RecordsOfLoad, most?: number): Promise<LoadedPlaces | undefined> {
    return await records.find(most).catch(() => undefined)
  }
}

/** The key of a row: its columns as they are now, and their values as text. */
export interface KeyOfRow {
  readonly columns: readonly StoredColumn[]
  readonly texts: readonly (string | null)[]
}

/** With so many rows, the record of one key is only looked for if its bytes tell where it may be. */
const MOST_READ = 100_000

/** Where the record of one key of a first load is, if the source can be read again. Not within a transaction. */
export async function placeOfLoaded(
  session: Session,
  set: ChangeSet,
  { schema, name }: { readonly schema: string; readonly name: string },
  key: KeyOfRow,
): Promise<Place> {
  const sources = await listSources(session, [set.run])
  const nowhere = { source: sources.length === 1 ? (sources[0]?.name ?? null) : null, byte: null, line: null }
  const containing = bytesOf(key, sources)
  if (!containing && set.inserted > MOST_READ) return nowhere
  const records = await recordsOf(
    session,
    { schema, name },
    { run: set.run, sources, duplicates: 1, containing },
  )
  if (!records) return nowhere
  try {
    const { table: places, key: values } = await records.find()
    const texts = list(key.columns.map((column, index) => textOf(column, values[index] as Fragment)))
    const text = query`SELECT p.source, p.byte, p.line FROM ${places} AS p WHERE ARRAY[${texts}]::text[] = $1`
    const found = await session.transaction(() =>
      withTextSettings(session, () =>
        session.row<{ source: number; byte: number; line: number }>(text, [key.texts]),
      ),
    )
    return found ? { ...found, source: sources[found.source]?.name ?? null } : nowhere
  } catch {
    return nowhere
  } finally {
    await records.close()
  }
}

/** What each record of the key contains: a text without quotes is written as it is. */
function bytesOf({ columns, texts }: KeyOfRow, sources: readonly StoredSource[]): Buffer | undefined {
  const [longest = ''] = texts.map((text) => text ?? '').toSorted((one, other) => other.length - one.length)
  const isPlain = sources.every(
    ({ encoding, dialect }) =>
      encoding === 'UTF8' &&
      !longest.includes(String.fromCharCode(dialect.quote)) &&
      !longest.includes(String.fromCharCode(dialect.escape)),
  )
  return isPlain && longest !== '' && columns.every(({ text, collation }) => text && collation === null)
    ? Buffer.from(longest)
    : undefined
}

/** Undefined if its records cannot be looked for. */
async function recordsOf(
  session: Session,
  table: TableName,
  load: Omit<LoadedFrom, 'settings'>,
): Promise<RecordsOfLoad | undefined> {
  const stored = await findStored(session, load.run)
  if (!stored || !isReadable(stored.options) || load.sources.length === 0) return undefined
  const target = await inspectTarget(session, table)
  try {
    return target && new RecordsOfLoad(session, { ...load, settings: stored.options }, target)
  } catch {
    return undefined
  }
}

async function listed<Each>(found: AsyncIterable<Each>): Promise<Each[]> {
  const list: Each[] = []
  for await (const each of found) list.push(each)
  return list
}
