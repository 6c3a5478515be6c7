import { OWN_SCHEMA } from '../base/own-schema.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, list, literal, sql, statement } from '../db/sql.js'
import type { StoredColumn } from './value-text.js'

/**
 * Where the changes of a run are: in the table of all runs, in a table of their own, in the user's table (a first load, which
 * keeps no copy), or nowhere.
 */
export type SetKind = 'shared' | 'own' | 'first_load' | 'none'

/** How many rows a set inserts, updates and deletes. */
export interface SetCounts {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

/** The columns of a set: those of the key, and all others whose values are stored. */
export interface SetColumns {
  readonly key: readonly StoredColumn[]
  readonly others: readonly StoredColumn[]
}

/** The change set of a run, as it is stored. */
export interface ChangeSet extends SetCounts {
  readonly run: number
  /** The oid of the table; null if it does not exist yet. */
  readonly relation: number | null
  readonly kind: SetKind
  readonly key: readonly string[]
  readonly key_types: readonly string[]
  readonly columns: readonly string[]
  readonly types: readonly string[]
  /** The numbers of the key's columns, then of the others. */
  readonly attributes: readonly number[]
  /** Of a plan: what its changes are compared by. */
  readonly digest: string | null
  /** The transaction that applied it, as xmin shows it; null while it is planned. */
  readonly xid: number | null
  /** That transaction and the others that wrote rows of the set. */
  readonly writers: readonly number[]
  /** Whether this row was written by that transaction; false in a restored database. */
  readonly original: boolean
  /** Whether so many transactions have passed since that xmin could be another one's. */
  readonly wrapped: boolean
  /** The file of the table, of a first load. */
  readonly file: number | null
  readonly written_at: Date
}

export interface NewSet extends SetCounts {
  readonly run: number
  readonly relation: number | null
  readonly kind: SetKind
  readonly columns: SetColumns
  readonly digest?: string
  /** Whether it is only planned. */
  readonly planned?: boolean
  /** The other transactions that wrote its rows, if any did: subtransactions, or those that staged them. */
  readonly subxids?: readonly number[] | undefined
}

/** Stores the head of a set, in the transaction that applies it. */
export async function recordSet(session: Session, set: NewSet): Promise<void> {
  const { key, others } = set.columns
  await session.run(statement('history/record_set'), [
    set.run,
    set.relation,
    set.kind,
    key.map(({ name }) => name),
    key.map(({ type }) => type),
    others.map(({ name }) => name),
    others.map(({ type }) => type),
    [...key, ...others].map(({ attribute }) => attribute),
    set.inserted,
    set.updated,
    set.deleted,
    set.digest ?? null,
    set.planned ?? false,
    set.subxids ?? null,
  ])
}

/** The set of a run; undefined if the run changed nothing. */
export async function findSet(session: Session, run: number): Promise<ChangeSet | undefined> {
  return await session.row<ChangeSet>(statement('history/find_sets'), [[run], null])
}

/** Whether a transaction that wrote rows of the set wrote this one. */
export function hasWritten(
  { writers, original, wrapped }: ChangeSet,
  row: { readonly xmin: number },
): boolean {
  return original && !wrapped && writers.includes(row.xmin)
}

/** In SQL: the transactions that wrote rows of a set, as texts. */
export function writersOf({ writers }: ChangeSet): Fragment {
  return sql`ARRAY[${list(writers.map((xid) => literal(`${xid}`)))}]::text[]`
}

/** The sets that were applied to a table, the newest first. */
export async function setsOf(session: Session, relation: number): Promise<ChangeSet[]> {
  return await session.rows<ChangeSet>(statement('history/find_sets'), [null, relation])
}

/** The set that was applied to a table last: its key is the table's. */
export async function lastSetOf(session: Session, relation: number): Promise<ChangeSet | undefined> {
  return (await lastSetsOf(session, [relation])).get(relation)
}

/** The same of many tables. */
export async function lastSetsOf(
  session: Session,
  relations: readonly number[],
): Promise<Map<number, ChangeSet>> {
  const last = await session.rows<{ run: number }>(statement('history/last_sets'), [relations])
  if (last.length === 0) return new Map()
  const runs = last.map(({ run }) => run)
  const sets = await session.rows<ChangeSet>(statement('history/find_sets'), [runs, null])
  return new Map(sets.map((set) => [set.relation as number, set]))
}

/** The table with the rows of a set. */
export function changesTable({ run, kind }: Pick<ChangeSet, 'run' | 'kind'>): Fragment {
  return kind === 'own' ? ident(OWN_SCHEMA, `changes_${run}`) : ident(OWN_SCHEMA, 'changes')
}
