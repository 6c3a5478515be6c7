import { DasyError } from '../base/errors.js'
import type { TargetColumn } from '../catalog/target.js'
import { ROW_KEY } from '../contract/row-key.js'
import type { MappingSettings } from '../contract/settings.js'
import { isNumbered } from '../csv/header.js'
import { type Fragment, ident, list, literal, sql } from '../db/sql.js'
import { requireMatch } from './matching.js'

/** What a load has for one column of the table: a field of each record, a constant, or the id of the record. */
export interface Entry {
  readonly kind: 'field' | 'constant' | 'row'
  /** Its name in the source: the header's, the one in --set, `:row`. */
  readonly source: string
  /** The name to find in the table: that of the source, unless --map gives another. */
  readonly name: string
  /** What messages call it: `the column "Name" of products.csv`. */
  readonly what: string
  /** SQL: its text; `s` is the staged record. */
  readonly raw: Fragment
}

/** An entry and the table's column for it; undefined if the table has none. */
export interface MappedEntry {
  readonly entry: Entry
  readonly column: TargetColumn | undefined
}

/** The name of the entry's column in the table, also if the load adds it. */
export function targetName({ entry, column }: MappedEntry): string {
  return column?.name ?? entry.name
}

/** The column that holds the id of the record. */
const ROW_ID = 'row_id'

/**
 * The fields that the header names, without those of --ignore and renamed by --map, then the constants of --set.
 * @throws DasyError BAD_HEADER, COLUMN_NOT_FOUND, COLUMN_AMBIGUOUS
 */
export function entriesOf(header: readonly string[], settings: MappingSettings, file: string): Entry[] {
  const ignored = settings.ignore.map((name) =>
    // If several columns have this name, all of them are ignored.
    header.some((source) => isNumbered(source, name)) ? name : requireMatch('--ignore', name, header, file),
  )
  const renamed = new Map(
    Object.entries(settings.map).map(([name, to]) => [requireMatch('--map', name, header, file), to]),
  )
  const fields = header.flatMap((source, index): Entry[] => {
    if (ignored.some((name) => name === source || isNumbered(source, name))) return []
    const name = renamed.get(source) ?? source
    const what = `the column "${source}" of ${file}`
    return [{ kind: 'field', source, name, what, raw: sql`s.${ident(`c${index + 1}`)}` }]
  })
  refuseReserved(fields, file)
  const constants = Object.entries(settings.set).map(([name, text]): Entry => {
    const raw = sql`CAST(${literal(text)} AS text)`
    return { kind: 'constant', source: name, name, what: `--set "${name}"`, raw }
  })
  return [...fields, ...constants]
}

/**
 * The id of the record, for --key :row: a UUID of version 8 (RFC 9562) from the SHA-256 of all fields, each preceded by
 * its column and its length. It depends neither on the order of the columns nor on the server: lengths are in
 * characters, because the number of bytes depends on the encoding of the database.
 * @param fields with the names of their columns in the table
 */
export function rowEntry(fields: readonly { readonly target: string; readonly raw: Fragment }[]): Entry {
  const sorted = fields.toSorted((a, b) => (a.target < b.target ? -1 : 1))
  const parts = sorted.map(({ target, raw }) => {
    const name = literal(`${[...target].length}:${target}`)
    // The length tells NULL (no length) from an empty text (0).
    return sql`${name}, length(${raw}), ':', ${raw}`
  })
  const raw = sql`dasy.row_id(concat(${list(concatenated(parts))}))`
  return { kind: 'row', source: ROW_KEY, name: ROW_ID, what: `--key ${ROW_KEY}`, raw }
}

/** A function takes at most 100 arguments, and each part has four. */
const PARTS_PER_CALL = 24

function concatenated(parts: readonly Fragment[]): Fragment[] {
  const calls = Array.from({ length: Math.ceil(parts.length / PARTS_PER_CALL) }, (_, index) =>
    parts.slice(index * PARTS_PER_CALL, (index + 1) * PARTS_PER_CALL),
  )
  return calls.map((each) => sql`concat(${list(each)})`)
}

/** The names of the system columns, which every table has. */
const SYSTEM_COLUMNS = ['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']

function refuseReserved(fields: readonly Entry[], file: string): void {
  const field = fields.find(({ name }) => SYSTEM_COLUMNS.includes(name))
  if (field === undefined) return
  throw new DasyError(
    'BAD_HEADER',
    `${field.what} cannot be called "${field.name}": PostgreSQL reserves this name`,
    {
      hint: `Rename it in the header, or with --map "${field.source}=NAME".`,
      details: { file, column: field.name, line: 1 },
    },
  )
}
