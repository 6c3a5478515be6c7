import { fold } from '../base/fold.js'
import { type Target, type TargetColumn, textColumn } from '../catalog/target.js'
import { ROW_KEY } from '../contract/row-key.js'
import type { Settings } from '../contract/settings.js'
import { type Fragment, fromCatalog, ident, sql } from '../db/sql.js'
import { type Entry, entriesOf, type MappedEntry, rowEntry, targetName } from './entries.js'
import { match } from './matching.js'
import { keyColumnMissing, refuseClashes, refuseGenerated, refuseUnknown, requireKey } from './refusals.js'

/**
 * How one column of the table gets its values. The merge is written over these descriptors, so a column of another type
 * needs other data, but no other merge.
 */
export interface Column {
  readonly kind: Entry['kind']
  /** Its name in the source: for a field the header's, for a constant the one in --set, for the record's id `:row`. */
  readonly source: string
  /** Its name in the table. */
  readonly target: string
  /** The column of the table as the catalog describes it, or will describe it. */
  readonly stored: TargetColumn
  /** SQL: its text, computed from the staged record `s`. */
  readonly raw: Fragment
  /** SQL: the value to store, computed from that text. */
  readonly value: Fragment
  /** Whether it is part of the key. */
  readonly key: boolean
  /** Whether the load adds it to an existing table. */
  readonly added: boolean
}

/** Which column of the table gets what from the file. */
export interface Mapping {
  /** Fields in the order of the file, then constants, then the id of the record. */
  readonly columns: readonly Column[]
  /** The columns of the key, in the order of --key. */
  readonly key: readonly Column[]
  /** The columns of a new table, in their order. */
  readonly newTable: readonly string[]
  /** Whether the load makes the table. */
  readonly isNew: boolean
}

/** What is to be mapped. */
export interface Mapped {
  readonly header: readonly string[]
  readonly settings: Settings
  /** The name of the file, for messages. */
  readonly file: string
  /** Whether detection was not sure how to read the file. */
  readonly isDoubtful: boolean
}

/** The columns that dasy gives the table `products`, in their order. */
const PRODUCTS = ['sku', 'name', 'description']

/**
 * Maps the columns of a file, the constants and the record's id to columns of the table: by exact name, or else by
 * folded name.
 * @param target the table; undefined if the load makes it
 * @param mayAdd whether the load may add columns to an existing table
 * @throws DasyError COLUMN_AMBIGUOUS, COLUMN_UNKNOWN, COLUMN_NOT_FOUND, COLUMN_GENERATED, KEY_COLUMN_MISSING,
 *   KEY_MISMATCH
 */
export function mapColumns(mapped: Mapped, target: Target | undefined, mayAdd: boolean): Mapping {
  const { header, settings, file, isDoubtful } = mapped
  const brought = entriesOf(header, settings.mapping, file)
  const canonical = target ? [] : canonicalColumns(brought, settings)
  const existing = target?.columns ?? canonical.map(textColumn)

  const matched = brought.map((entry) => matchEntry(entry, existing))
  const entries = settings.mapping.key.includes(ROW_KEY)
    ? [...matched, matchRowId(matched, existing)]
    : matched
  refuseClashes(entries)
  if (target && !mayAdd) refuseUnknown(entries, target, settings)
  refuseGenerated(entries, settings)

  const keyIndexes = settings.mapping.key.map((name) => keyIndex(name, entries, file, isDoubtful))
  const columns = entries.map((entry, index) =>
    columnOf(entry, keyIndexes.includes(index), target !== undefined),
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

function matchEntry(entry: Entry, existing: readonly TargetColumn[]): MappedEntry {
  return { entry, column: match(entry.name, existing, ({ name }) => name, entry.what) }
}

/** The id is computed from the fields only: constants are no part of a record. */
function matchRowId(matched: readonly MappedEntry[], existing: readonly TargetColumn[]): MappedEntry {
  const fields = matched.filter(({ entry }) => entry.kind === 'field')
  return matchEntry(
    rowEntry(fields.map((field) => ({ target: targetName(field), raw: field.entry.raw }))),
    existing,
  )
}

function columnOf(mapped: MappedEntry, key: boolean, tableExists: boolean): Column {
  const { entry, column } = mapped
  const { kind, source, raw } = entry
  const target = targetName(mapped)
  const stored =
    column ?? (kind === 'row' ? { ...textColumn(target), type: 'uuid', text: false } : textColumn(target))
  return storedAs(
    { kind, source, target, stored, raw, value: raw, key, added: tableExists && !column },
    stored,
  )
}

/** The same column with another type: its value is cast to that type, unless it is the text itself. */
export function storedAs(column: Column, stored: TargetColumn): Column {
  const { kind, raw } = column
  if (stored.text && kind !== 'row') return { ...column, stored, value: raw }
  const cast = sql`CAST(${raw} AS ${fromCatalog(stored.type)})`
  // With the column's collation keys are equal in the merge whenever they are equal in the table's index.
  const value = stored.collation === null ? cast : sql`${cast} COLLATE ${fromCatalog(stored.collation)}`
  return { ...column, stored, value }
}

/** The column of this name, if its staged text is stored unchanged, so that an aggregate can count staged records. */
export function countableColumn({ columns }: Mapping, name: string): Column | undefined {
  return columns.find(({ target, stored }) => target === name && stored.text)
}

/** Whether two mappings write the same values into the same columns. */
export function isSameMapping(one: Mapping, other: Mapping): boolean {
  const summary = ({ columns }: Mapping) =>
    JSON.stringify(columns.map(({ target, stored, key, value }) => [target, stored.type, key, value.sql]))
  return summary(one) === summary(other)
}

/** The names of the table's columns, quoted. */
export function targetList(columns: readonly Column[]): Fragment[] {
  return columns.map(({ target }) => ident(target))
}

/** A new table `products` gets its three columns, unless it is loaded by another key. */
function canonicalColumns(brought: readonly Entry[], { table, mapping: { key } }: Settings): string[] {
  if (table.name !== 'products') return []
  const folded = new Set(brought.map(({ name }) => fold(name)))
  const fits = key.every((name) => PRODUCTS.includes(fold(name))) && folded.has('sku')
  return fits ? PRODUCTS : []
}

/** The index of the entry that --key names, by the name of its column in the table or in the file. */
function keyIndex(name: string, entries: readonly MappedEntry[], file: string, isDoubtful: boolean): number {
  const indexes = entries.map((_, index) => index)
  const byTarget = indexes.find((index) => entries[index]?.column?.name === name)
  const bySource = (index: number): string => entries[index]?.entry.source as string
  const byName = (index: number): string => entries[index]?.entry.name as string
  const what = `the column "${name}" of the key`
  const found = byTarget ?? match(name, indexes, byName, what) ?? match(name, indexes, bySource, what)
  if (found !== undefined) return found
  throw keyColumnMissing(
    name,
    entries.map(({ entry }) => entry),
    file,
    isDoubtful,
  )
}
