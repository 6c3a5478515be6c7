import { createHash } from 'node:crypto'
import { badOption } from '../contract/values.js'

/** A cursor names the last row of a page by the values that it is sorted by; it is of one query only. */

/** @param query what the cursor is of: the table, its filters and its order */
export function cursorOf(query: unknown, texts: readonly (string | null)[]): string {
  return Buffer.from(JSON.stringify([digestOf(query), ...texts])).toString('base64url')
}

/**
 * @param width how many values it has
 * @throws DasyError BAD_OPTION
 */
export function readCursor(cursor: string, query: unknown, width: number): (string | null)[] {
  const [digest, ...texts] = parsed(cursor)
  if (digest !== digestOf(query) || texts.length !== width)
    throw badOption('cursor', 'it is none of this query: filters and sort must be as they were', 'cursor')
  return texts
}

function parsed(cursor: string): (string | null)[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(values) && values.every((value) => value === null || typeof value === 'string'))
      return values
  } catch {
    // It is said below.
  }
  return []
}

function digestOf(query: unknown): string {
  return createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 16)
}
