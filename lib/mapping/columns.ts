import { fold } from '../base/fold.js'
import { type Target, type TargetColumn, textColumn } from '../catalog/target.js'
import { ROW_KEY } from '../contract/row-key.js'
import type { Settings } from '../contract/settings.js'
import { type Fragment, fromCatalog, ident, sql } from '../db/sql.js'
import { type Entry, entriesOf, type MappedEntry, rowEntry, targetName } from './entries.js'
import { match } from './matching.js'
import { keyColumnMissing, refuseClashes, refuseGenerated, refuseUnknown, requireKey } from './refusals.js'

/**
 * How one column of the table gets its values. The merge is written over these descriptors, so that another type
 * is data, not another merge.
 */
export interface Column {
  readonly kind: Entry['kind']
  /** As it is called where it comes from; of a field, as the header names it. */
  readonly source: string
  /** As the table names it. */
  readonly target: string
  /** What the catalog says of it, or would. */
  readonly stored: TargetColumn
  /** Its text, computed from the staged record `s`. */
  readonly raw: Fragment
  /** The value to store, computed from that. */
  readonly value: Fragment
  readonly key: boolean
  /** The table does not have it yet. */
  readonly added: boolean
}

/** The table that a load will find or make, and the file's way into it. */
export interface Mapping {
  /** Fields in the order of the file, then constants, then the id of the record. */
  readonly columns: readonly Column[]
  /** The key's columns, in the order in which they were asked for. */
  readonly key: readonly Column[]
  /** What a new table has, in its order. */
  readonly newTable: readonly string[]
  /** Whether there is no table yet. */
  readonly isNew: boolean
}

/** What is to be mapped. */
export interface Mapped {
  readonly header: readonly string[]
  readonly settings: Settings
  /** For messages. */
  readonly file: string
  /** Whether it may have been read in another way than it was meant. */
  readonly isDoubtful: boolean
}

/** `products` always has these, in this order. */
const PRODUCTS = ['sku', 'name', 'description']

/**
 * Matches what the file brings with the table: exactly, or else folded.
 * @param mayAdd whether the table may get columns that it lacks
 * @throws DasyError COLUMN_AMBIGUOUS, COLUMN_UNKNOWN, COLUMN_NOT_FOUND, COLUMN_GENERATED, KEY_COLUMN_MISSING,
 *   KEY_MISMATCH
 */
export function mapColumns(mapped: Mapped, target: Target | undefined, mayAdd: boolean): Mapping {
  const { header, settings, file, isDoubtful } = mapped
  const brought = entriesOf(header, settings.mapping, file)
  const canonical = target ? [] : canonicalColumns(brought, settings)
  const existing = target?.columns ?? canonical.map(textColumn)

  const found = brought.map((entry) => placeOf(entry, existing))
  const entries = settings.mapping.key.includes(ROW_KEY) ? [...found, rowPlace(found, existing)] : found
  refuseClashes(entries)
  if (target && !mayAdd) refuseUnknown(entries, target, settings)
  refuseGenerated(entries, settings)

  const keyIndexes = settings.mapping.key.map((name) => keyIndex(name, entries, file, isDoubtful))
  const columns = entries.map((place, index) =>
    columnOf(place, keyIndexes.includes(index), target !== undefined),
  )
  const key = keyIndexes.map((index) => columns[index] as Column)
  if (target)
    requireKey(
      target,
      key.map((column) => column.target),
      settings,
    )
  const names = columns.map((column) => column.target)
  const newTable = [...canonical, ...names.filter((_, index) => columns[index]?.kind === 'row'), ...names]
  return { columns, key, newTable: [...new Set(newTable)], isNew: target === undefined }
}

function placeOf(entry: Entry, existing: readonly TargetColumn[]): MappedEntry {
  return { entry, column: match(entry.name, existing, ({ name }) => name, entry.what) }
}

/** Constants are no part of a record. */
function rowPlace(found: readonly MappedEntry[], existing: readonly TargetColumn[]): MappedEntry {
  const fields = found.filter(({ entry }) => entry.kind === 'field')
  return placeOf(
    rowEntry(fields.map((place) => ({ target: targetName(place), raw: place.entry.raw }))),
    existing,
  )
}

function columnOf(place: MappedEntry, key: boolean, tableExists: boolean): Column {
  const { entry, column } = place
  const { kind, source, raw } = entry
  const target = targetName(place)
  const stored =
    column ?? (kind === 'row' ? { ...textColumn(target), type: 'uuid', text: false } : textColumn(target))
  return storedAs(
    { kind, source, target, stored, raw, value: raw, key, added: tableExists && !column },
    stored,
  )
}

/** The same column, of another type. */
export function storedAs(column: Column, stored: TargetColumn): Column {
  const { kind, raw } = column
  const isAsItIs = stored.text && kind !== 'row'
  if (isAsItIs) return { ...column, stored, value: raw }
  const cast = sql`CAST(${raw} AS ${fromCatalog(stored.type)})`
  // Keys are equal here as in the table's index.
  const value = stored.collation === null ? cast : sql`${cast} COLLATE ${fromCatalog(stored.collation)}`
  return { ...column, stored, value }
}

/** The file's column that an aggregate counts, if its staged text is what will be stored. */
export function countableColumn({ columns }: Mapping, name: string): Column | undefined {
  return columns.find(({ target, stored }) => target === name && stored.text)
}

/** Whether a load that was judged by one mapping would write the same by another. */
export function isSameMapping(one: Mapping, other: Mapping): boolean {
  const told = ({ columns }: Mapping) =>
    JSON.stringify(columns.map(({ target, stored, key, value }) => [target, stored.type, key, value.sql]))
  return told(one) === told(other)
}

/** The values by the names of the columns that take them. */
export function targetList(columns: readonly Column[]): Fragment[] {
  return columns.map(({ target }) => ident(target))
}

/** A new `products` gets its own three columns, unless the file has no such key. */
function canonicalColumns(brought: readonly Entry[], { table, mapping: { key } }: Settings): string[] {
  if (table.name !== 'products') return []
  const folded = new Set(brought.map(({ name }) => fold(name)))
  const fits = key.every((name) => PRODUCTS.includes(fold(name))) && folded.has('sku')
  return fits ? PRODUCTS : []
}

/** The key names a column of the table or of the file, which is the same once they are matched. */
function keyIndex(name: string, places: readonly MappedEntry[], file: string, isDoubtful: boolean): number {
  const indexes = places.map((_, index) => index)
  const byTarget = indexes.find((index) => places[index]?.column?.name === name)
  const bySource = (index: number): string => places[index]?.entry.source as string
  const byName = (index: number): string => places[index]?.entry.name as string
  const what = `the column "${name}" of the key`
  const found = byTarget ?? match(name, indexes, byName, what) ?? match(name, indexes, bySource, what)
  if (found !== undefined) return found
  throw keyColumnMissing(
    name,
    places.map(({ entry }) => entry),
    file,
    isDoubtful,
  )
}
