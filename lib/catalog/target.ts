import { DasyError } from '../base/errors.js'
import { displayName, type TableName } from '../contract/table-name.js'
import { sqlState } from '../db/failures.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, number, query, sql, statement } from '../db/sql.js'

export interface TargetColumn {
  readonly name: string
  readonly attribute: number
  /** In SQL: `text`, `numeric(10,2)`. */
  readonly type: string
  /** Whether it stores any staged text unchanged. */
  readonly text: boolean
  /** A nondeterministic collation, by which different texts are equal (`"und-u-ks-level2"`: a and A); null for any other. */
  readonly collation: string | null
  /** Whether PostgreSQL computes its values, so that none can be written. */
  readonly generated: boolean
  readonly notNull: boolean
  /** Whether its type is a domain, which may refuse NULL. */
  readonly domain: boolean
  /** Whether its type is composite, or a domain over a composite type. */
  readonly composite: boolean
  /** The type without its length, if a cast truncates values that an INSERT refuses, as for `varchar(3)`; else null. */
  readonly untrimmed: string | null
  /** Whether its type has a default hash operator class. */
  readonly hashable: boolean
  /** Whether its type has an equality (json has none) by which equal values are identical (not so for citext). */
  readonly comparable: boolean
}

export interface TargetKey {
  readonly primary: boolean
  readonly constraint: string | null
  /** In the order of the index. */
  readonly columns: readonly string[]
  /** Whether it is a primary key as dasy creates it, on which nothing depends: no foreign key, view, comment, … */
  readonly plain: boolean
}

/** A relation that was found by its name. */
export interface FoundTable {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** Whether this role may alter it. */
  readonly owned: boolean
}

/** An existing table, as the catalog describes it. */
export interface Target extends FoundTable {
  readonly kind: string
  /** The number of its columns, dropped ones included: PostgreSQL's limit counts them too. */
  readonly attributes: number
  /** Whether dasy created it. */
  readonly ours: boolean
  readonly columns: readonly TargetColumn[]
  /** Its unique indexes, the primary key first. */
  readonly keys: readonly TargetKey[]
  /** Whether a row trigger or a rule may store something other than what is written. */
  readonly rewrites: boolean
  /** Whether it has a trigger or rule, so that rows may differ from those that were written. */
  readonly acts: boolean
  /** What acts when rows are written, except dasy's own triggers: `trigger "touch"`. */
  readonly actors: readonly string[]
  /** Whether other tables inherit from it, or did: then a ctid does not identify a row. */
  readonly hasChildren: boolean
  /** Whether it has constraints that may be checked at the commit. */
  readonly deferrable: boolean
}

/** A text column of a table that does not exist yet. */
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

/** Relations that are not tables, by pg_class.relkind, with the remedy. */
const OTHER_KINDS: Readonly<Record<string, { readonly what: string; readonly hint: string }>> = {
  v: { what: 'a view', hint: 'Load the table that the view reads.' },
  m: {
    what: 'a materialized view',
    hint: 'Load the tables that the view reads, then REFRESH MATERIALIZED VIEW.',
  },
  f: { what: 'a foreign table', hint: 'Load the original table, on its own server.' },
  S: { what: 'a sequence', hint: 'Choose another name with --table.' },
  i: { what: 'an index', hint: 'Choose another name with --table, or name the table of the index.' },
  I: { what: 'an index', hint: 'Choose another name with --table, or name the table of the index.' },
  c: { what: 'a composite type', hint: 'Choose another name with --table.' },
  t: { what: 'a TOAST table', hint: 'Name the table to which it belongs with --table.' },
}

/** Finds a relation of any kind. */
export async function findTable(
  session: Session,
  { schema, name }: TableName,
): Promise<FoundTable | undefined> {
  return await session.row<FoundTable>(statement('catalog/find_table'), [schema ?? null, name])
}

/**
 * @param before what it was a moment ago: if it is the same table still, it is described in the same round trip
 * @returns undefined if there is no such table
 * @throws DasyError NOT_A_TABLE
 */
export async function inspectTarget(
  session: Session,
  table: TableName,
  before?: FoundTable,
): Promise<Target | undefined> {
  const [found, expected] = await session.together(() => [
    findTable(session, table),
    before ? describe(session, before) : Promise.resolve(undefined),
  ])
  if (!found) return undefined
  const target = found.oid === expected?.oid ? expected : await describe(session, found)
  const other = target && OTHER_KINDS[target.kind]
  if (other) throw notATable(table, other)
  return target
}

/** Tables by their oids: those that still exist. */
export async function inspectTargets(session: Session, oids: readonly number[]): Promise<Target[]> {
  const only = sql`c.oid = ANY ($1::integer[]::oid[])`
  return await session.rows<Target>(statement('catalog/inspect_table', { only }), [oids])
}

async function describe(session: Session, { oid }: FoundTable): Promise<Target | undefined> {
  // A constant in the statement, so that its first plan is the last; but no constant oid, because each ALTER TABLE of a table whose
  // oid is in a plan makes PostgreSQL plan again (setrefs.c).
  const only = sql`c.oid = (SELECT (${number(oid)})::integer)::oid`
  const [target] = await session.planned<Target>(statement('catalog/inspect_table', { only }))
  return target
}

/** @throws DasyError TABLE_NOT_FOUND */
export async function requireTarget(
  session: Session,
  table: TableName,
  before?: FoundTable,
): Promise<Target> {
  const target = await inspectTarget(session, table, before)
  if (target) return target
  throw tableNotFound(table)
}

/**
 * For whom a table is locked: for those that alter it or write many rows; for all other writers, while readers continue; for readers
 * too.
 */
export type TableLock = 'loads' | 'writers' | 'readers'

const MODES: Readonly<Record<TableLock, Fragment>> = {
  loads: sql`ROW EXCLUSIVE`,
  writers: sql`EXCLUSIVE`,
  readers: sql`ACCESS EXCLUSIVE`,
}

/**
 * Locks a table.
 * @throws DasyError TABLE_NOT_FOUND
 */
export async function lockTarget(
  session: Session,
  table: TableName,
  { schema, name }: Target,
  lock: TableLock,
): Promise<void> {
  await unlessGone(table, session.run(query`LOCK TABLE ${ident(schema, name)} IN ${MODES[lock]} MODE`))
}

/** @throws DasyError TABLE_NOT_FOUND */
export async function hasRows(
  session: Session,
  table: TableName,
  { schema, name }: Target,
): Promise<boolean> {
  const text = query`SELECT EXISTS (SELECT FROM ${ident(schema, name)}) AS there`
  const row = await unlessGone(table, session.row<{ there: boolean }>(text))
  return row?.there ?? true
}

/** Another session may have renamed or dropped the table while this one waited for its lock. */
async function unlessGone<Result>(table: TableName, work: Promise<Result>): Promise<Result> {
  return work.catch((error) => {
    throw sqlState(error) === UNDEFINED_TABLE ? tableNotFound(table) : error
  })
}

/** Records that dasy created a table: its columns may be added to, and `migrate down` removes it. */
export async function recordTable(session: Session, target: Fragment): Promise<void> {
  await session.run(statement('catalog/record_table'), [target.sql])
}

function notATable(table: TableName, { what, hint }: { what: string; hint: string }): DasyError {
  const name = displayName(table)
  return new DasyError('NOT_A_TABLE', `${name} is ${what}, not a table`, {
    hint,
    details: { table: name, kind: what },
  })
}

function tableNotFound(table: TableName): DasyError {
  return new DasyError('TABLE_NOT_FOUND', `the table ${displayName(table)} does not exist`, {
    hint: '"dasy ingest" creates it; or check --table and the search_path.',
    details: { table: displayName(table) },
  })
}

export function nameFragment({ schema, name }: TableName): Fragment {
  return schema === undefined ? ident(name) : ident(schema, name)
}
