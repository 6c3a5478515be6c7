import { badOption } from '../contract/values.js'
import { type Fragment, list, sql } from '../db/sql.js'
import { comparedColumn, operatorOf } from './filters.js'
import type { Parameters } from './parameters.js'
import type { RowTable } from './row-table.js'

/** How long the path of a key may be, in bytes. */
const LONGEST = 16 * 1024

/**
 * The values of a key from the part of a path: split at the commas that stand there as such, then decoded.
 * @throws DasyError BAD_OPTION
 */
export function keyOfPath(raw: string): string[] {
  if (Buffer.byteLength(raw) > LONGEST) throw badOption('KEY', `is longer than ${LONGEST} bytes`, 'key')
  try {
    return raw.split(',').map(decodeURIComponent)
  } catch {
    throw badOption('KEY', 'is not encoded as the part of a path in UTF-8', 'key')
  }
}

/** A key as the part of a path. */
export function pathOfKey(texts: readonly string[]): string {
  return texts.map(encodeURIComponent).join(',')
}

/** @throws DasyError BAD_OPTION */
export function requireKey({ key }: Pick<RowTable, 'key'>, texts: readonly string[]): void {
  if (texts.length === key.length && texts.every((text) => !text.includes('\0'))) return
  const names = key.map(({ name }) => name).join(', ')
  throw badOption(
    'KEY',
    `the key has ${key.length === 1 ? 'one value' : `${key.length} values`}: ${names}`,
    'key',
  )
}

/** SQL: the row `t` has a key. */
export function hasKey(
  { key }: Pick<RowTable, 'key'>,
  texts: readonly string[],
  parameters: Parameters,
): Fragment {
  return list(
    key.map(
      (column, index) =>
        sql`${comparedColumn(column)} ${operatorOf(column, '=')} ${parameters.compared(column, texts[index] ?? '')}`,
    ),
    ' AND ',
  )
}
