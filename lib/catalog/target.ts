import { sqlState } from '../db/failures.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, statement } from '../db/sql.js'
import { DasyError } from '../errors.js'
import { displayName, type TableName } from '../table-name.js'

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
const ORDINARY = 'r'
const PARTITIONED = 'p'

/**
 * @returns undefined where there is no such table
 * @throws DasyError NOT_A_TABLE
 */
export async function inspectTarget(session: Session, table: TableName): Promise<Target | undefined> {
  const target = await session.row<Target>(statement('catalog/inspect_table'), [
    table.schema ?? null,
    table.name,
  ])
  if (target && target.kind !== ORDINARY && target.kind !== PARTITIONED) {
    throw new DasyError(
      'NOT_A_TABLE',
      `${displayName(table)} is a view or something else that is not a table`,
      {
        hint: 'Name a table with --table.',
        details: { table: displayName(table) },
      },
    )
  }
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

function tableNotFound(table: TableName): DasyError {
  return new DasyError('TABLE_NOT_FOUND', `there is no table ${displayName(table)}`, {
    hint: '"dasy ingest" makes it; or check --table and the search_path.',
    details: { table: displayName(table) },
  })
}

/** @throws DasyError SCHEMA_NOT_FOUND where a table cannot be made because its schema is missing */
export async function requireSchema(session: Session, { schema }: TableName): Promise<void> {
  if (schema === undefined) return
  const row = await session.row<{ there: boolean }>(statement('catalog/has_user_schema'), [schema])
  if (row?.there) return
  throw new DasyError('SCHEMA_NOT_FOUND', `there is no schema "${schema}"`, {
    hint: `Make it first: CREATE SCHEMA ${ident(schema).sql}`,
    details: { schema },
  })
}

export function nameFragment({ schema, name }: TableName): Fragment {
  return schema === undefined ? ident(name) : ident(schema, name)
}
