import { DasyError } from '../base/errors.js'
import { displayName, type TableName } from '../contract/table-name.js'
import { sqlState } from '../db/failures.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, statement } from '../db/sql.js'

export interface TargetColumn {
  readonly name: string
  readonly attribute: number
  /** As SQL spells it: `text`, `numeric(10,2)`. */
  readonly type: string
  /** It takes any staged text as it is. */
  readonly text: boolean
  /** By which unequal texts may be one key (`"und-u-ks-level2"` takes a and A for equal); null where there is no such. */
  readonly collation: string | null
  /** PostgreSQL computes it; nothing may be written to it. */
  readonly generated: boolean
  readonly notNull: boolean
  /** Its type is a domain, which may refuse NULL. */
  readonly domain: boolean
  /** Its type is a composite one, or a domain over such. */
  readonly composite: boolean
  /** The type without its length, where a cast would cut off what an INSERT refuses: `varchar(3)`. */
  readonly untrimmed: string | null
  /** Whether a hash tells its values apart. */
  readonly hashable: boolean
  /** Whether there is an equality (json has none), and what is equal is the same (not so for citext). */
  readonly comparable: boolean
}

export interface TargetKey {
  readonly primary: boolean
  readonly constraint: string | null
  /** In the order of its index. */
  readonly columns: readonly string[]
  /** The primary key as dasy makes it, and nothing hangs on it: no foreign key, view, comment, replica identity, … */
  readonly plain: boolean
}

/** A table that exists, as the catalog describes it. */
export interface Target {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: string
  /** Columns that it has or had: those that were dropped count for the limit as well. */
  readonly attributes: number
  /** Whether dasy made it. */
  readonly ours: boolean
  /** Whether this role may alter it. */
  readonly owned: boolean
  readonly columns: readonly TargetColumn[]
  /** What is unique, the primary key first. */
  readonly keys: readonly TargetKey[]
  /** Whether a row trigger or a rule may store something other than what is written. */
  readonly rewrites: boolean
  /** Whether there is any trigger or rule, so that rows may be other ones than those that were written. */
  readonly acts: boolean
  /** What the table does by itself when rows are written, dasy's own triggers not counted: `trigger "touch"`. */
  readonly actors: readonly string[]
  /** Whether other tables inherit from it, or have: a row's place does not tell in which of them it is. */
  readonly hasChildren: boolean
  /** Whether it has constraints that may be checked as late as at the commit. */
  readonly deferrable: boolean
}

/** A column of a table that is not there yet. */
export function textColumn(name: string): TargetColumn {
  return {
    name,
    attribute: 0,
    type: 'text',
    text: true,
    collation: null,
    generated: false,
    notNull: false,
    domain: false,
    composite: false,
    untrimmed: null,
    hashable: true,
    comparable: true,
  }
}

const UNDEFINED_TABLE = '42P01'

/** What may have the name of a table and is none, and what to do about it. All but ordinary and partitioned tables. */
const OTHER_KINDS: Readonly<Record<string, { readonly what: string; readonly hint: string }>> = {
  v: { what: 'a view', hint: 'Load the table that it shows.' },
  m: {
    what: 'a materialized view',
    hint: 'Load the tables that it reads, then REFRESH MATERIALIZED VIEW.',
  },
  f: { what: 'a foreign table', hint: 'Load the table that it stands for, on the server where that is.' },
  S: { what: 'a sequence', hint: 'Choose another name with --table.' },
  i: { what: 'an index', hint: 'Choose another name with --table, or name the table of the index.' },
  I: { what: 'an index', hint: 'Choose another name with --table, or name the table of the index.' },
  c: { what: 'a composite type', hint: 'Choose another name with --table.' },
  t: { what: 'a TOAST table', hint: 'Name the table to which it belongs with --table.' },
}

/**
 * @returns undefined where there is no such table
 * @throws DasyError NOT_A_TABLE
 */
export async function inspectTarget(session: Session, table: TableName): Promise<Target | undefined> {
  const target = await session.row<Target>(statement('catalog/inspect_table'), [
    table.schema ?? null,
    table.name,
  ])
  const other = target && OTHER_KINDS[target.kind]
  if (other) throw notATable(table, other)
  return target
}

/** @throws DasyError TABLE_NOT_FOUND */
export async function requireTarget(session: Session, table: TableName): Promise<Target> {
  const target = await inspectTarget(session, table)
  if (target) return target
  throw tableNotFound(table)
}

/**
 * Locks a table.
 * @throws DasyError TABLE_NOT_FOUND
 */
export async function lockTarget(
  session: Session,
  table: TableName,
  { schema, name }: Target,
  empty: boolean,
): Promise<void> {
  const path = empty ? 'merge/lock_empty_target' : 'merge/lock_target'
  await unlessGone(table, session.run(statement(path, { target: ident(schema, name) })))
}

/** @throws DasyError TABLE_NOT_FOUND */
export async function hasRows(
  session: Session,
  table: TableName,
  { schema, name }: Target,
): Promise<boolean> {
  const text = statement('merge/has_rows', { target: ident(schema, name) })
  const row = await unlessGone(table, session.row<{ there: boolean }>(text))
  return row?.there ?? true
}

/** Whoever had the table, while we waited for it, may have renamed or dropped it. */
async function unlessGone<Result>(table: TableName, work: Promise<Result>): Promise<Result> {
  return work.catch((error) => {
    throw sqlState(error) === UNDEFINED_TABLE ? tableNotFound(table) : error
  })
}

function notATable(table: TableName, { what, hint }: { what: string; hint: string }): DasyError {
  const name = displayName(table)
  return new DasyError('NOT_A_TABLE', `${name} is ${what}, not a table`, {
    hint,
    details: { table: name, kind: what },
  })
}

function tableNotFound(table: TableName): DasyError {
  return new DasyError('TABLE_NOT_FOUND', `there is no table ${displayName(table)}`, {
    hint: '"dasy ingest" makes it; or check --table and the search_path.',
    details: { table: displayName(table) },
  })
}

export function nameFragment({ schema, name }: TableName): Fragment {
  return schema === undefined ? ident(name) : ident(schema, name)
}
