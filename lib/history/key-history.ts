import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, list, number, query, sql, statement } from '../db/sql.js'
import { partsOfPosition } from '../ledger/staging.js'
import type { ChangeSet } from './change-set.js'
import type { StoredChange } from './read.js'
import { hashOf, type StoredColumn, textOf, typedValue } from './value-text.js'

/** A stored change of the key that was asked about. */
export interface StoredKeyChange extends StoredChange {
  readonly run: number
  /** The transaction that wrote the row before, as xmin shows it. */
  readonly was: number | null
}

/** A row as it is now. */
export interface CurrentRow {
  readonly key: readonly (string | null)[]
  /** All other stored columns. */
  readonly others: readonly (string | null)[]
  readonly xmin: number
}

/**
 * The changes of one key, the newest first.
 * @param sets of the table
 * @param key its columns as they are now, and the key as text
 */
export async function keyChanges(
  session: Session,
  sets: readonly ChangeSet[],
  key: { readonly columns: readonly StoredColumn[]; readonly texts: readonly (string | null)[] },
): Promise<StoredKeyChange[]> {
  const found: StoredKeyChange[] = []
  for (const alike of await readableGroups(session, sets, key.columns.length)) {
    found.push(...(await changesIn(session, alike, key)))
  }
  return found.sort((one, other) => other.run - one.run)
}

/**
 * Sets whose keys have the same types, because the hash of a key depends on them. Left out are those whose types do not exist any
 * more, or that have another number of key columns.
 */
async function readableGroups(
  session: Session,
  sets: readonly ChangeSet[],
  width: number,
): Promise<ChangeSet[][]> {
  const groups = new Map<string, ChangeSet[]>()
  for (const set of sets) {
    const isStored = set.kind === 'shared' || set.kind === 'own'
    if (!isStored || set.key.length !== width) continue
    const types = JSON.stringify(set.key_types)
    groups.set(types, [...(groups.get(types) ?? []), set])
  }
  const readable: ChangeSet[][] = []
  for (const [types, group] of groups) {
    const row = await session.row<{ exist: boolean }>(
      query`SELECT bool_and(to_regtype(type) IS NOT NULL) AS exist FROM unnest($1::text[]) AS used (type)`,
      [JSON.parse(types)],
    )
    if (row?.exist) readable.push(group)
  }
  return readable
}

async function changesIn(
  session: Session,
  sets: readonly ChangeSet[],
  {
    columns,
    texts,
  }: { readonly columns: readonly StoredColumn[]; readonly texts: readonly (string | null)[] },
): Promise<StoredKeyChange[]> {
  const types = sets[0]?.key_types ?? []
  const stored = columns.map((column, index) => ({ ...column, type: types[index] as string }))
  const wanted = stored.map((column, index) => typedValue(column, parameter(index + 3)))
  const text = statement('history/key_changes', {
    ...partsOfPosition(sql`c.position`),
    hash: hashOf(stored, wanted),
    same_key: equal(
      stored.map((column, index) => typedValue(column, sql`c.key[${number(index + 1)}]`)),
      wanted,
      texts,
    ),
  })
  const runs = (kind: ChangeSet['kind']) => sets.filter((set) => set.kind === kind).map(({ run }) => run)
  return await session.rows<StoredKeyChange>(text, [runs('shared'), runs('own'), ...texts])
}

/** The row with a key, within `withTextSettings`; undefined if there is none. */
export async function currentRow(
  session: Session,
  target: Fragment,
  { key, others }: { readonly key: readonly StoredColumn[]; readonly others: readonly StoredColumn[] },
  texts: readonly (string | null)[],
): Promise<CurrentRow | undefined> {
  const stored = ({ name }: StoredColumn) => sql`t.${ident(name)}`
  const array = (columns: readonly StoredColumn[]) =>
    sql`ARRAY[${list(columns.map((column) => textOf(column, stored(column))))}]::text[]`
  const text = statement('history/current_row', {
    target,
    key: array(key),
    others: array(others),
    same_key: equal(
      key.map(stored),
      key.map((column, index) => typedValue(column, parameter(index + 1))),
      texts,
    ),
    parameters: list(texts.map((_, index) => parameter(index + 1))),
  })
  return await session.row<CurrentRow>(text, texts)
}

/** A condition that an index can find: a NULL is only looked for where it is wanted. */
function equal(
  values: readonly Fragment[],
  wanted: readonly Fragment[],
  texts: readonly (string | null)[],
): Fragment {
  return list(
    values.map((value, index) =>
      texts[index] === null ? sql`${value} IS NULL` : sql`${value} = ${wanted[index] as Fragment}`,
    ),
    ' AND ',
  )
}

/** A parameter that is a text, also where nothing else of the statement names it. */
function parameter(place: number): Fragment {
  return sql`CAST(${fromCatalog(`$${place}`)} AS text)`
}
