import { hasOwnEscape } from '../csv/dialect.js'
import { UTF8 } from '../csv/encoding.js'
import { isForeignToCopy } from '../csv/for-copy.js'
import { type KeyField, KeyReader } from '../csv/key-reader.js'
import type { Column } from '../mapping/columns.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import type { ScannedKeys } from '../ranges/scanned-keys.js'
import { stagedColumns } from '../ranges/source-plan.js'
import { sizeOf } from '../ranges/sources.js'

/** Whether keys can be compared by their bytes in the sources, in place of their values in the database. */

const INTEGERS = ['smallint', 'integer', 'bigint']

/**
 * @param Keys what reads them
 * @returns what reads the keys while ranges are scanned; undefined if bytes do not tell which keys are equal
 */
export function keysToScan<Keys extends ScannedKeys>(
  sources: readonly PreparedSource[],
  key: readonly Column[],
  Keys: new (...values: ConstructorParameters<typeof ScannedKeys>) => Keys,
): Keys | undefined {
  if (!areEqualAsBytes(key) || !sources.every(isReadUnchanged)) return undefined
  const fields = sources.map((source) => fieldsOf(source, sources[0] as PreparedSource, key))
  // The parts of a key are read in the order of the record, so it must be the same in all sources.
  const orders = fields.map((each) => each.map(({ part }) => part).join())
  if (new Set(orders).size > 1) return undefined
  const readers = sources.map(
    ({ format }, ordinal) => new KeyReader(format.dialect, fields[ordinal] as KeyField[]),
  )
  const bytes = sizeOf(sources.map(({ source }) => source))
  return new Keys(readers, bytes, typesOf(key))
}

/** Whether the table's key still has the types for which its bytes were read: equal texts are equal for each of these only. */
export function isScannedAs({ types }: ScannedKeys, key: readonly Column[]): boolean {
  return areEqualAsBytes(key) && typesOf(key).join() === types.join()
}

/** Whether keys are equal in the table if and only if their texts are: fields that stay text, or integers in their usual form. */
function areEqualAsBytes(key: readonly Column[]): boolean {
  return key.every(({ kind, stored }) => {
    if (kind !== 'field' || stored.untrimmed !== null || stored.collation !== null) return false
    return stored.text || isInteger(stored)
  })
}

function typesOf(key: readonly Column[]): string[] {
  return key.map(({ stored }) => stored.type)
}

/** Whether equal values are equal texts, in the form that they usually have. */
export function isInteger({ type, domain }: Column['stored']): boolean {
  return INTEGERS.includes(type) && !domain
}

function isReadUnchanged({ format }: PreparedSource): boolean {
  const { dialect, encoding, lenientQuotes } = format
  return encoding === UTF8 && !lenientQuotes && !hasOwnEscape(dialect) && !isForeignToCopy(format)
}

/** The fields of the key, in the order in which the source has them. */
function fieldsOf(
  source: PreparedSource,
  first: PreparedSource,
  key: readonly Column[],
): (KeyField & { readonly part: number })[] {
  const staged = stagedColumns(source, first)
  return key
    .map((column, part) => {
      const place = first.opening.columns.indexOf(column.source) + 1
      return { index: staged.indexOf(place), isInteger: isInteger(column.stored), part }
    })
    .sort((one, other) => one.index - other.index)
}
