import { inspectTarget } from '../catalog/target.js'
import type { Place } from '../contract/change.js'
import { isReadable } from '../contract/stored-settings.js'
import type { Session } from '../db/session.js'
import type { RunRecord } from '../ledger/history.js'
import type { StoredSource } from '../ledger/sources.js'
import { findStored } from '../ledger/stored-run.js'
import { type ChangeSet, setsOf } from './change-set.js'
import { declareLoadedRows, type LoadedPlaces, type LoadedRow } from './first-load-rows.js'
import { RecordsOfLoad } from './loaded-places.js'
import { fetched, type StoredChange } from './read.js'
import { type Relation, relationOf, requireFirstLoad } from './relation.js'
import { withTextSettings } from './value-text.js'

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

  /** Undefined if its records cannot be looked for. */
  async #records({ table }: Relation): Promise<RecordsOfLoad | undefined> {
    const session = this.#session
    const { set, record, sources } = this.#run
    const stored = await findStored(session, set.run)
    if (!stored || !isReadable(stored.options) || sources.length === 0) return undefined
    const target = await inspectTarget(session, table)
    const duplicates = record.rows?.duplicates ?? 0
    try {
      const load = { run: set.run, settings: stored.options, sources, duplicates }
      return target && new RecordsOfLoad(session, load, target)
    } catch {
      return undefined
    }
  }

  /** Undefined if a source is not as it was, or if this session may not write a temporary table (on a standby it may not). */
  async #find(records: RecordsOfLoad, most?: number): Promise<LoadedPlaces | undefined> {
    return await records.find(most).catch(() => undefined)
  }
}

async function listed<Each>(found: AsyncIterable<Each>): Promise<Each[]> {
  const list: Each[] = []
  for await (const each of found) list.push(each)
  return list
}
