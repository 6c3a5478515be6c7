import type { Target, TargetColumn } from '../catalog/target.js'
import { type Fragment, fromCatalog, ident, sql } from '../db/sql.js'
import { DasyError } from '../errors.js'
import { nearest } from '../nearest.js'
import type { Settings } from '../settings.js'
import { displayName } from '../table-name.js'

/**
 * How one column of the file gets into one column of the table. The merge is written over these descriptors,
 * so that another type is data, not another merge.
 */
export interface Column {
  /** As the header names it. */
  readonly source: string
  /** As the table names it. */
  readonly target: string
  readonly type: string
  /** It takes staged text as it is. */
  readonly text: boolean
  /** c1, c2, … in staging. */
  readonly staged: Fragment
  /** The value to store, computed from the staged text; `s` is the staging table. */
  readonly value: Fragment
  readonly key: boolean
  /** The table does not have it yet. */
  readonly added: boolean
}

/** The table that a load will find or make, and the file's way into it. */
export interface Mapping {
  /** In the order of the file. */
  readonly columns: readonly Column[]
  /** The key's columns, in the order in which they were asked for. */
  readonly key: readonly Column[]
  /** What a new table has, in its order. */
  readonly newTable: readonly string[]
}

/** `products` always has these, in this order. */
const PRODUCTS = ['sku', 'name', 'description']

/** Names that differ only by case, spaces and underscores are taken for one. */
export function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_]/g, '')
}

/**
 * Matches the header with the table: exactly, or else folded.
 * @throws DasyError COLUMN_AMBIGUOUS, COLUMN_UNKNOWN, KEY_COLUMN_MISSING, KEY_MISMATCH
 */
export function mapColumns(
  header: readonly string[],
  target: Target | undefined,
  settings: Settings,
  mayAdd: boolean,
  file: string,
): Mapping {
  const canonical = target ? [] : canonicalColumns(header, settings)
  const existing: readonly TargetColumn[] = target?.columns ?? canonical.map(textColumn)

  refuseReserved(header, file)
  const matched = header.map((name) => match(name, existing, (each) => each.name, file))
  refuseClashes(header, matched, file)
  if (target && !mayAdd) refuseUnknown(header, matched, target, settings, file)

  const keyIndexes = settings.key.map((name) => keyIndex(name, header, matched, file))
  const columns = header.map((source, index): Column => {
    const found = matched[index]
    const staged = ident(`c${index + 1}`)
    const type = found?.type ?? 'text'
    return {
      source,
      target: found?.name ?? source,
      type,
      text: found?.text ?? true,
      staged,
      value: (found?.text ?? true) ? sql`s.${staged}` : sql`CAST(s.${staged} AS ${fromCatalog(type)})`,
      key: keyIndexes.includes(index),
      added: target !== undefined && found === undefined,
    }
  })
  const key = keyIndexes.map((index) => columns[index] as Column)
  if (target) requireKey(target, key, settings)
  return { columns, key, newTable: [...new Set([...canonical, ...columns.map((column) => column.target)])] }
}

/** The file's column that an aggregate counts, if its staged text is what will be stored. */
export function countableColumn({ columns }: Mapping, name: string): Column | undefined {
  return columns.find(({ target, text }) => target === name && text)
}

function textColumn(name: string): TargetColumn {
  return { name, attribute: 0, type: 'text', text: true, generated: false }
}

/** A new `products` gets its own three columns, unless the file has no such key. */
function canonicalColumns(header: readonly string[], { table, key }: Settings): string[] {
  if (table.name !== 'products') return []
  const folded = new Set(header.map(fold))
  const fits = key.every((name) => PRODUCTS.includes(fold(name))) && folded.has('sku')
  return fits ? PRODUCTS : []
}

/** The candidate of this name, exactly or else folded. */
function match<Candidate>(
  name: string,
  candidates: readonly Candidate[],
  nameOf: (candidate: Candidate) => string,
  file: string,
): Candidate | undefined {
  const exact = candidates.find((candidate) => nameOf(candidate) === name)
  if (exact !== undefined) return exact
  const similar = candidates.filter((candidate) => fold(nameOf(candidate)) === fold(name))
  if (similar.length <= 1) return similar[0]
  throw new DasyError(
    'COLUMN_AMBIGUOUS',
    `the column "${name}" of ${file} fits ${similar.map((each) => `"${nameOf(each)}"`).join(' and ')}`,
    { hint: 'Name it exactly as the column that is meant.', details: { file, column: name } },
  )
}

/** Names that every table has already. */
const SYSTEM_COLUMNS = ['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']

function refuseReserved(header: readonly string[], file: string): void {
  const name = header.find((each) => SYSTEM_COLUMNS.includes(each))
  if (name === undefined) return
  throw new DasyError(
    'BAD_HEADER',
    `the header of ${file} names a column "${name}", which PostgreSQL keeps for itself`,
    {
      hint: 'Rename it in the header.',
      details: { file, column: name, line: 1 },
    },
  )
}

/** Two columns of the file must not go into one of the table. */
function refuseClashes(
  header: readonly string[],
  matched: readonly (TargetColumn | undefined)[],
  file: string,
): void {
  matched.forEach((column, index) => {
    const first = column === undefined ? index : matched.indexOf(column)
    if (first === index) return
    throw new DasyError(
      'COLUMN_AMBIGUOUS',
      `the columns "${header[first]}" and "${header[index]}" of ${file} both fit "${column?.name}"`,
      { hint: 'Rename one of them in the header.', details: { file, column: column?.name } },
    )
  })
}

function refuseUnknown(
  header: readonly string[],
  matched: readonly (TargetColumn | undefined)[],
  target: Target,
  settings: Settings,
  file: string,
): void {
  const index = matched.indexOf(undefined)
  const name = header[index]
  if (name === undefined) return
  const names = target.columns.map((column) => column.name)
  const near = nearest(name, names)
  throw new DasyError(
    'COLUMN_UNKNOWN',
    `${displayName(settings.table)} has no column "${name}" (from ${file})${near ? `; the nearest is "${near}"` : ''}`,
    {
      hint: `Rename it in the header, or load with "ingest --add-columns". The table has ${names.join(', ')}.`,
      details: { file, column: name, nearest: near },
    },
  )
}

/** The key names a column of the table or of the file, which is the same once they are matched. */
function keyIndex(
  name: string,
  header: readonly string[],
  matched: readonly (TargetColumn | undefined)[],
  file: string,
): number {
  const indexes = header.map((_, index) => index)
  const byTarget = indexes.find((index) => matched[index]?.name === name)
  const found = byTarget ?? match(name, indexes, (index) => header[index] as string, file)
  if (found !== undefined) return found
  const near = nearest(name, header)
  throw new DasyError(
    'KEY_COLUMN_MISSING',
    `${file} has no column "${name}" for the key; it has ${header.map((each) => `"${each}"`).join(', ')}`,
    {
      hint: `Name the key with --key${near ? `, for example --key "${near}"` : ''}.`,
      details: { file, column: name },
    },
  )
}

function requireKey(target: Target, key: readonly Column[], { table }: Settings): void {
  const wanted = key.map((column) => column.target)
  const fits = target.keys.some(
    ({ columns }) => columns.length === wanted.length && columns.every((column) => wanted.includes(column)),
  )
  if (fits) return
  const name = displayName(table)
  const [first] = target.keys
  const listed = wanted.map((column) => `"${column}"`).join(', ')
  const has = first ? `its key is (${first.columns.join(', ')})` : 'it has no key'
  throw new DasyError('KEY_MISMATCH', `${name} has no unique key on (${wanted.join(', ')}); ${has}`, {
    hint: first
      ? `Load with --key ${first.columns.join(',')}, or make the key: CREATE UNIQUE INDEX ON ${name} (${listed})`
      : `Make one: CREATE UNIQUE INDEX ON ${name} (${listed})`,
    details: { table: name, key: wanted, has: target.keys.map(({ columns }) => columns) },
  })
}
