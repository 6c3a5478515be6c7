import { nearest } from '../base/did-you-mean.js'
import { DasyError } from '../base/errors.js'
import { nameFragment, type Target } from '../catalog/target.js'
import type { Settings } from '../contract/settings.js'
import { displayName } from '../contract/table-name.js'
import { ident, list } from '../db/sql.js'
import { type Entry, type MappedEntry, targetName } from './entries.js'

/** The errors that a mapping can have, each with its remedy. */

/**
 * Two entries must not go into one column.
 * @throws DasyError COLUMN_AMBIGUOUS
 */
export function refuseClashes(entries: readonly MappedEntry[]): void {
  const first = new Map<string, MappedEntry>()
  for (const mapped of entries) {
    const name = targetName(mapped)
    const other = first.get(name)
    if (other) {
      const areFields = mapped.entry.kind === 'field' && other.entry.kind === 'field'
      throw new DasyError(
        'COLUMN_AMBIGUOUS',
        `${other.entry.what} and ${mapped.entry.what} both match the column "${name}"`,
        {
          hint: areFields
            ? 'Rename one of them in the header or with --map, or leave it out with --ignore.'
            : `Leave the column out with --ignore "${other.entry.source}", or rename it with --map.`,
          details: { column: name },
        },
      )
    }
    first.set(name, mapped)
  }
}

/** @throws DasyError COLUMN_UNKNOWN if the table lacks the column of an entry */
export function refuseUnknown(entries: readonly MappedEntry[], target: Target, settings: Settings): void {
  const unknown = entries.find(({ column }) => column === undefined)
  if (!unknown) return
  const { name, kind, source, what } = unknown.entry
  const table = displayName(settings.table)
  const names = target.columns.map((column) => column.name)
  const near = nearest(name, names)
  const remedies: Record<Entry['kind'], string> = {
    field: `Name its column with --map "${source}=${near ?? 'COLUMN'}", leave it out with --ignore "${source}", or load with "ingest --add-columns".`,
    constant: 'Name another column, or load with "ingest --add-columns".',
    row: `Add it: ALTER TABLE ${nameFragment(settings.table).sql} ADD COLUMN ${name} uuid UNIQUE`,
  }
  throw new DasyError(
    'COLUMN_UNKNOWN',
    `${table} has no column "${name}" (${what})${near ? `; the nearest is "${near}"` : ''}`,
    {
      hint: `${remedies[kind]} The table has ${names.join(', ')}.`,
      details: { column: name, nearest: near },
    },
  )
}

/** @throws DasyError COLUMN_GENERATED if an entry goes into a column that PostgreSQL computes */
export function refuseGenerated(entries: readonly MappedEntry[], { table }: Settings): void {
  const generated = entries.find(({ column }) => column?.generated)
  if (!generated) return
  const { source, kind, what } = generated.entry
  const column = generated.column?.name
  throw new DasyError(
    'COLUMN_GENERATED',
    `the column "${column}" of ${displayName(table)} is generated and accepts no value (${what})`,
    {
      hint: kind === 'field' ? `Leave it out with --ignore "${source}".` : 'Name another column.',
      details: { column },
    },
  )
}

/**
 * KEY_COLUMN_MISSING: no entry has the name that --key asks for.
 * @param isDoubtful whether detection was not sure how to read the file
 */
export function keyColumnMissing(
  name: string,
  entries: readonly Entry[],
  file: string,
  isDoubtful: boolean,
): DasyError {
  const names = entries.map(({ source }) => source)
  const near = nearest(name, names)
  // A file that may have been read wrongly must not be loaded by :row.
  const row = isDoubtful || names.length < 2 ? '' : '; --key :row is for files without one'
  return new DasyError(
    'KEY_COLUMN_MISSING',
    `${file} has no column "${name}" for the key; it has ${names.map((each) => `"${each}"`).join(', ')}`,
    {
      hint: `Name the key with --key${near ? `, for example --key "${near}"` : ''}${row}.`,
      details: { file, column: name },
    },
  )
}

/**
 * The table must have a unique key on exactly these columns.
 * @throws DasyError KEY_MISMATCH
 */
export function requireKey(target: Target, wanted: readonly string[], { table }: Settings): void {
  const fits = target.keys.some(
    ({ columns }) => columns.length === wanted.length && columns.every((column) => wanted.includes(column)),
  )
  if (fits) return
  const name = displayName(table)
  const [first] = target.keys
  const index = `CREATE UNIQUE INDEX ON ${nameFragment(table).sql} (${list(wanted.map((each) => ident(each))).sql})`
  const has = first ? `its key is (${first.columns.join(', ')})` : 'it has no key'
  throw new DasyError('KEY_MISMATCH', `${name} has no unique key on (${wanted.join(', ')}); ${has}`, {
    hint: first
      ? `Load with --key ${first.columns.join(',')}, or create the key: ${index}`
      : `Create one: ${index}`,
    details: { table: name, key: wanted, has: target.keys.map(({ columns }) => columns) },
  })
}
