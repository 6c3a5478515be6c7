import type { Session } from '../db/session.js'
import { type Fragment, list, number, query, sql } from '../db/sql.js'
import { changesTable, type SetKind } from './change-set.js'
import { hashOf, type StoredColumn, textOf } from './value-text.js'

/**
 * With more changes than this, a set gets a table of its own. Making and filling it in one statement, and then its index, takes
 * a third of the time of inserts into an indexed table; but `blame` has to look into each of these tables.
 */
export const MOST_SHARED = 25_000

/** A column of the key, with its value in SQL. */
export interface KeyValue {
  readonly column: StoredColumn
  readonly value: Fragment
}

/** Another column: its value in SQL before the change and after it. */
export interface ChangedValue {
  readonly column: StoredColumn
  readonly old: Fragment
  readonly new: Fragment
}

/** The changes of a set, as parts of a SELECT. */
export interface ChangedRows {
  /** What follows FROM. */
  readonly from: Fragment
  /** 'i', 'u' or 'd'. */
  readonly op: Fragment
  readonly position: Fragment
  /** The xmin of the row that was replaced or deleted. */
  readonly was: Fragment
  readonly key: readonly KeyValue[]
  /** All stored columns besides the key. */
  readonly columns: readonly ChangedValue[]
}

/**
 * Stores the changes of a run, within `withTextSettings` in the transaction that makes them.
 * @param about how many they are, or a few more
 * @returns where they are
 */
export async function writeChanges(
  session: Session,
  run: number,
  rows: ChangedRows,
  about: number,
): Promise<{ kind: SetKind; written: number }> {
  const kind = kindFor(about)
  const table = changesTable({ run, kind })
  const select = selectChanges(run, rows)
  if (kind === 'shared') return { kind, written: await session.run(query`INSERT INTO ${table} ${select}`) }
  // It is written once. VACUUM would read it again for nothing, except against wraparound.
  const text = query`CREATE TABLE ${table} WITH (autovacuum_enabled = off) AS ${select}`
  const written = await session.run(text)
  await session.run(query`CREATE INDEX ON ${table} (hash)`)
  return { kind, written }
}

/** Where so many changes are stored. */
export function kindFor(about: number): 'own' | 'shared' {
  return about > MOST_SHARED ? 'own' : 'shared'
}

/** The changes in the form of dasy.changes. Updates that leave all texts as they are are left out. */
export function selectChanges(run: number, { from, op, position, was, key, columns }: ChangedRows): Fragment {
  const keys = key.map(({ column, value }) => textOf(column, value))
  const hash = hashOf(
    key.map(({ column }) => column),
    key.map(({ value }) => value),
  )
  const pairs = columns.map(({ column, old, new: now }) => ({
    old: textOf(column, old),
    now: textOf(column, now),
    // Where both are the same expression, the column is not written.
    differ:
      old.sql === now.sql ? undefined : sql`${textOf(column, old)} IS DISTINCT FROM ${textOf(column, now)}`,
  }))
  const differ = pairs.flatMap((pair) => pair.differ ?? [])
  const changed = (side: 'old' | 'now') =>
    array(
      pairs.map((pair) => (pair.differ ? sql`CASE WHEN ${pair.differ} THEN ${pair[side]} END` : sql`NULL`)),
    )
  const all = (side: 'old' | 'now') => array(pairs.map((pair) => pair[side]))
  return sql`
SELECT ${number(run)}::bigint AS run,
       ${hash} AS hash,
       ${position} AS position,
       ${was} AS was,
       CAST(${op} AS "char") AS op,
       ${array(keys)} AS key,
       CASE ${op} WHEN 'u' THEN ${changed('old')} WHEN 'd' THEN ${all('old')} END AS old,
       CASE ${op} WHEN 'u' THEN ${changed('now')} WHEN 'i' THEN ${all('now')} END AS new
  FROM ${from}
 WHERE ${op} <> 'u'${differ.length > 0 ? sql` OR ${list(differ, ' OR ')}` : sql``}`
}

function array(texts: readonly Fragment[]): Fragment {
  return sql`ARRAY[${list(texts)}]::text[]`
}
