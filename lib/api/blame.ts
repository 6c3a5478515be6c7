import { requireTarget, type Target } from '../catalog/target.js'
import type { ChangedOutside, KeyChange, Values } from '../contract/change.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { DatabaseOptions } from '../contract/options.js'
import { displayName, parseTableName, type TableName } from '../contract/table-name.js'
import { badOption, badValue } from '../contract/values.js'
import { Database } from '../db/database.js'
import { sqlState } from '../db/failures.js'
import { migrateIfThere } from '../db/migrations.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, list, query, sql } from '../db/sql.js'
import { isChangedOutside, rowBefore } from '../history/blame.js'
import { type ChangeSet, hasWritten, setsOf } from '../history/change-set.js'
import { type KeyOfRow, placeOfLoaded } from '../history/first-load-changes.js'
import { type CurrentRow, currentRow, keyChanges, type StoredKeyChange } from '../history/key-history.js'
import { ChangeReader } from '../history/read.js'
import { columnsNow } from '../history/relation.js'
import { keyOf } from '../history/table-key.js'
import {
  type StoredColumn,
  storedColumns,
  textOf,
  typedValue,
  withTextSettings,
} from '../history/value-text.js'
import { RunFacts } from './run-facts.js'

/** The history of one row. */
export interface Blame {
  readonly table: string
  readonly key: Values
  /** Whether the row is not as the last run left it. */
  readonly outside: boolean
  /** The newest first. */
  readonly changes: readonly KeyChange[]
  /** The oldest change set that is kept of the table; null if none is. */
  readonly since: { readonly run: number; readonly time: Date } | null
}

/**
 * Who wrote a row: its changes, the newest first, and before them whether it was changed outside of dasy since.
 * @param key its values in the order of the table's key
 * @throws DasyError TABLE_NOT_FOUND, NO_KEY, BAD_OPTION
 */
export async function* blame(
  table: string,
  key: string | readonly (string | null)[],
  options: DatabaseOptions = {},
): AsyncGenerator<KeyChange | ChangedOutside> {
  const { outside, changes } = await findBlame(table, [key].flat(), options)
  if (outside) yield { outside }
  yield* changes
}

export async function findBlame(
  table: string,
  texts: readonly (string | null)[],
  options: DatabaseOptions,
): Promise<Blame> {
  requireKnownOptions('blame', options)
  const name = parseTableName(table, 'TABLE')
  await using database = await Database.open(options)
  await using session = await database.session()
  if (!(await migrateIfThere(session))) return { table, key: {}, outside: false, changes: [], since: null }
  return await blameIn(session, name, texts)
}

/** The same in a session that is open. */
export async function blameIn(
  session: Session,
  name: TableName,
  texts: readonly (string | null)[],
): Promise<Blame> {
  const target = await requireTarget(session, name)
  const { blame: found, loaded } = await blameRow(session, name, target, texts)
  const oldest = found.changes.at(-1)
  if (!loaded || !oldest) return found
  const place = await placeOfLoaded(session, loaded.set, target, loaded.key)
  return { ...found, changes: [...found.changes.slice(0, -1), { ...oldest, ...place }] }
}

interface Question {
  readonly name: TableName
  readonly target: Target
  readonly sets: readonly ChangeSet[]
  readonly columns: readonly StoredColumn[]
  readonly key: readonly StoredColumn[]
  /** The values of the key. */
  readonly asked: readonly (string | null)[]
}

/** A first load keeps no places: if the oldest change is one, its place is not known yet. */
interface Found {
  readonly blame: Blame
  readonly loaded: { readonly set: ChangeSet; readonly key: KeyOfRow } | undefined
}

async function blameRow(
  session: Session,
  name: TableName,
  target: Target,
  texts: readonly (string | null)[],
): Promise<Found> {
  const sets = await setsOf(session, target.oid)
  await using _ = await session.snapshot()
  const columns = await withTextSettings(session, () => storedColumns(session, target.oid))
  const key = keyOf(name, target, sets[0], columns)
  const asked = await canonical(session, key, texts)
  return await withTextSettings(session, () => blameKey(session, { name, target, sets, columns, key, asked }))
}

async function blameKey(
  session: Session,
  { name, target, sets, columns, key, asked }: Question,
): Promise<Found> {
  const others = columns.filter((column) => !key.includes(column))
  const found = await currentRow(session, ident(target.schema, target.name), { key, others }, asked)
  const current = found && valuesOf(key, others, found)
  const stored = await keyChanges(session, sets, { columns: key, texts: asked })
  const history = { changes: stored.map((change) => readNow(change, sets, columns)), current }
  const first = firstLoad(sets, stored, found)
  const about = await RunFacts.of(session, [...stored.map(({ run }) => run), ...(first ? [first.run] : [])])
  const changes: KeyChange[] = []
  for (const [index, { run, source, place }] of stored.entries()) {
    const change = history.changes[index] as KeyChange
    changes.push({ ...(await about.change(run, { source, place })), ...change })
  }
  if (first) {
    const nowhere = { source: null, place: null }
    const fact = { ...(await about.change(first.run, nowhere)), source: about.onlySource(first.run) }
    changes.push({ ...fact, op: 'insert', new: rowBefore(history) })
  }
  const kept = sets.filter(({ kind }) => kind !== 'none').at(-1)
  const blame = {
    table: displayName(name),
    key: Object.fromEntries(key.map((column, index) => [column.name, asked[index] ?? null])),
    outside:
      (isChangedOutside(history) || isUnaccounted(sets, stored, first, found)) && !isNotKept(sets, found),
    changes,
    since: kept ? { run: kept.run, time: kept.written_at } : null,
  }
  // As the row has it: an equal value may be written in another way.
  const written = stored.at(-1)?.key ?? found?.key ?? asked
  return { blame, loaded: first && { set: first, key: { columns: key, texts: written } } }
}

/** The key as the table would store it; texts are read by the session's own settings, as those of a file are. */
async function canonical(
  session: Session,
  key: readonly StoredColumn[],
  texts: readonly (string | null)[],
): Promise<(string | null)[]> {
  if (texts.length !== key.length) {
    const names = key.map(({ name }) => name).join(', ')
    throw badOption('KEY', `the key has ${key.length === 1 ? 'one value' : `${key.length} values`}: ${names}`)
  }
  const written = key.map((column, index) => textOf(column, typedValue(column, parameter(index + 1))))
  const row = await session
    .row<{ key: (string | null)[] }>(query`SELECT ARRAY[${list(written)}]::text[] AS key`, texts)
    .catch((error) => {
      throw /^22/.test(sqlState(error) ?? '') ? badValue('KEY', texts.join(', '), error.message) : error
    })
  return row?.key ?? []
}

function valuesOf(
  key: readonly StoredColumn[],
  others: readonly StoredColumn[],
  row: CurrentRow,
): Record<string, string | null> {
  const entries = [
    ...key.map(({ name }, index) => [name, row.key[index] ?? null] as const),
    ...others.map(({ name }, index) => [name, row.others[index] ?? null] as const),
  ]
  return Object.fromEntries(entries)
}

/** A change with the names that its columns have now; those of dropped columns stay as they were. */
function readNow(
  change: StoredKeyChange,
  sets: readonly ChangeSet[],
  columns: readonly StoredColumn[],
): Pick<KeyChange, 'op' | 'old' | 'new'> {
  const set = sets.find(({ run }) => run === change.run) as ChangeSet
  const now = columnsNow(set, columns)
  const names = [...set.key, ...set.columns].map((name, index) => now[index]?.name ?? name)
  const [key, others] = [names.slice(0, set.key.length), names.slice(set.key.length)]
  const { key: _, ...read } = new ChangeReader({ ...set, key, columns: others }).read(change)
  return read
}

/** The first load that inserted the row: its transaction wrote the row that is there, or that the oldest change replaced. */
function firstLoad(
  sets: readonly ChangeSet[],
  changes: readonly StoredKeyChange[],
  current: CurrentRow | undefined,
): ChangeSet | undefined {
  return sets.find((set) => {
    if (set.kind !== 'first_load') return false
    const later = changes.filter((change) => change.run > set.run)
    const xmin = later.length > 0 ? later.at(-1)?.was : current?.xmin
    return typeof xmin === 'number' && hasWritten(set, { xmin })
  })
}

/** Whether everything since a first load is kept, and still nothing says who wrote the row. */
function isUnaccounted(
  sets: readonly ChangeSet[],
  changes: readonly StoredKeyChange[],
  first: ChangeSet | undefined,
  current: CurrentRow | undefined,
): boolean {
  if (first || changes.length > 0 || !current) return false
  const begin = sets.findIndex(({ kind, original }) => kind === 'first_load' && original)
  return begin >= 0 && sets.slice(0, begin).every(({ kind }) => kind !== 'none')
}

/** Whether a run without history has written the row as it is. */
function isNotKept(sets: readonly ChangeSet[], current: CurrentRow | undefined): boolean {
  return sets.some((set) => set.kind === 'none' && current && hasWritten(set, current))
}

function parameter(place: number): Fragment {
  return sql`CAST(${fromCatalog(`$${place}`)} AS text)`
}
