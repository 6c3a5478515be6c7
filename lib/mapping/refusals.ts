import { nearest } from '../base/did-you-mean.js'
import { DasyError } from '../base/errors.js'
import { nameFragment, type Target } from '../catalog/target.js'
import type { Settings } from '../contract/settings.js'
import { displayName } from '../contract/table-name.js'
import { ident, list } from '../db/sql.js'
import { type Entry, type MappedEntry, targetName } from './entries.js'

/** What can be against a mapping, each as an error that says what to do. */

/** Two things must not go into one column. */
export function refuseClashes(places: readonly MappedEntry[]): void {
  const first = new Map<string, MappedEntry>()
  for (const place of places) {
    const name = targetName(place)
    const other = first.get(name)
    if (other) {
      const isRenamed = place.entry.kind !== 'field' || other.entry.kind !== 'field'
      throw new DasyError(
        'COLUMN_AMBIGUOUS',
        `${other.entry.what} and ${place.entry.what} both fit "${name}"`,
        {
          hint: isRenamed
            ? `Leave the column out with --ignore "${other.entry.source}", or rename it with --map.`
            : `Rename one of them in the header or with --map, or leave it out with --ignore.`,
          details: { column: name },
        },
      )
    }
    first.set(name, place)
  }
}

export function refuseUnknown(places: readonly MappedEntry[], target: Target, settings: Settings): void {
  const place = places.find(({ column }) => column === undefined)
  if (!place) return
  const { name, kind, source, what } = place.entry
  const table = displayName(settings.table)
  const names = target.columns.map((column) => column.name)
  const near = nearest(name, names)
  const remedies: Record<Entry['kind'], string> = {
    field: `Name its column with --map "${source}=${near ?? 'COLUMN'}", leave it out with --ignore "${source}", or load with "ingest --add-columns".`,
    constant: 'Name another, or load with "ingest --add-columns".',
    row: `Make it: ALTER TABLE ${nameFragment(settings.table).sql} ADD COLUMN ${name} uuid UNIQUE`,
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

/** PostgreSQL computes them, and takes no value. */
export function refuseGenerated(places: readonly MappedEntry[], { table }: Settings): void {
  const place = places.find(({ column }) => column?.generated)
  if (!place) return
  const { source, kind, what } = place.entry
  throw new DasyError(
    'COLUMN_GENERATED',
    `${displayName(table)} computes its column "${place.column?.name}" and takes no value for it (${what})`,
    {
      hint: kind === 'field' ? `Leave it out with --ignore "${source}".` : 'Name another column.',
      details: { column: place.column?.name },
    },
  )
}

/** @param isDoubtful whether the file may have been read in another way than it was meant */
export function keyColumnMissing(
  name: string,
  entries: readonly Entry[],
  file: string,
  isDoubtful: boolean,
): DasyError {
  const names = entries.map(({ source }) => source)
  const near = nearest(name, names)
  // What is read wrongly must not be loaded as it is.
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
      ? `Load with --key ${first.columns.join(',')}, or make the key: ${index}`
      : `Make one: ${index}`,
    details: { table: name, key: wanted, has: target.keys.map(({ columns }) => columns) },
  })
}
