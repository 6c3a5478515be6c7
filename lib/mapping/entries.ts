import { DasyError } from '../base/errors.js'
import type { TargetColumn } from '../catalog/target.js'
import { ROW_KEY } from '../contract/row-key.js'
import type { MappingSettings } from '../contract/settings.js'
import { isNumbered } from '../csv/header.js'
import { type Fragment, ident, list, literal, sql } from '../db/sql.js'
import { requireMatch } from './matching.js'

/** What a load brings for one column of the table: a field of each record, a constant, or the record's own id. */
export interface Entry {
  readonly kind: 'field' | 'constant' | 'row'
  /** As it is called where it comes from: the header's name, the name in --set, `:row`. */
  readonly source: string
  /** The name that is looked for in the table. */
  readonly name: string
  /** For messages: `the column "Name" of products.csv`. */
  readonly what: string
  /** Its text, in SQL; `s` is the staging table. */
  readonly raw: Fragment
}

/** An entry, and the column of the table that it goes into, if there is one. */
export interface MappedEntry {
  readonly entry: Entry
  readonly column: TargetColumn | undefined
}

export function targetName({ entry, column }: MappedEntry): string {
  return column?.name ?? entry.name
}

/** The column that holds it. */
export const ROW_ID = 'row_id'

/**
 * What the header, --map, --ignore, --set and --key bring.
 * @throws DasyError BAD_HEADER, COLUMN_NOT_FOUND, COLUMN_AMBIGUOUS
 */
export function entriesOf(header: readonly string[], settings: MappingSettings, file: string): Entry[] {
  const ignored = settings.ignore.map((name) =>
    // One name of several columns stands for all of them.
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
 * The entry that --key :row asks for: the same for a record in any file that has the same columns, in whatever order,
 * and on any server. (Lengths in characters, because how many bytes those take depends on the database.)
 * @param fields with the names of their columns in the table
 */
export function rowEntry(fields: readonly { readonly target: string; readonly raw: Fragment }[]): Entry {
  const sorted = fields.toSorted((a, b) => (a.target < b.target ? -1 : 1))
  const parts = sorted.map(({ target, raw }) => {
    const name = literal(`${[...target].length}:${target}`)
    // NULL gives no length, an empty text 0.
    return sql`${name}, length(${raw}), ':', ${raw}`
  })
  const raw = sql`dasy.row_id(concat(${list(concatenated(parts))}))`
  return { kind: 'row', source: ROW_KEY, name: ROW_ID, what: `--key ${ROW_KEY}`, raw }
}

/** No function takes more than a hundred arguments. */
const PARTS_AT_ONCE = 24

function concatenated(parts: readonly Fragment[]): Fragment[] {
  const some = Array.from({ length: Math.ceil(parts.length / PARTS_AT_ONCE) }, (_, index) =>
    parts.slice(index * PARTS_AT_ONCE, (index + 1) * PARTS_AT_ONCE),
  )
  return some.map((each) => sql`concat(${list(each)})`)
}

/** Names that every table has already. */
const SYSTEM_COLUMNS = ['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']

function refuseReserved(fields: readonly Entry[], file: string): void {
  const field = fields.find(({ name }) => SYSTEM_COLUMNS.includes(name))
  if (field === undefined) return
  throw new DasyError(
    'BAD_HEADER',
    `${field.what} would be "${field.name}", a name that PostgreSQL reserves`,
    {
      hint: `Rename it in the header, or with --map "${field.source}=NAME".`,
      details: { file, column: field.name, line: 1 },
    },
  )
}
