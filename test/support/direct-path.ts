import type { Test } from 'tap'
import { type TestDatabase, testDatabase } from './database.js'
import { file } from './files.js'

/** A load on the direct path: more than 4 MiB of texts into a table that is new. */

/** Records: with 5 MB enough for the direct path. */
export const MANY = 30_000

/**
 * Products, one line each unless `change` says otherwise. Every eleventh has the key of one that is up to 20,000 records before
 * it, and every hundredth a line break and quotes.
 * @param change the text of a record, for some of them
 */
export function manyProducts(change: (index: number) => string | undefined = () => undefined): string {
  const records = Array.from({ length: MANY }, (_, index) => change(index) ?? product(index))
  return `name,sku,description\n${records.join('\n')}\n`
}

export function product(index: number, key = keyOf(index)): string {
  const text = `${index} ${'a product that is described at some length. '.repeat(3)}`
  const description = index % 100 === 0 ? `"${text}\n""quoted"", and more"` : text
  return `name ${index % 977},${key},${description}`
}

export function keyOf(index: number): string {
  return index % 11 === 10 ? keyOf(Math.max(0, index - ((index * 7919) % 20_000) - 1)) : `sku-${index}`
}

/** What makes a load take the usual path, without any other effect. */
export function usualPath(t: Test): { before: string[] } {
  return { before: [file(t, 'SELECT 1', 'before.sql')] }
}

/** Whether the rows of a first load are those that the workers staged: these have a transaction for each range. */
export async function isDirect(db: TestDatabase, table = 'products'): Promise<boolean> {
  return (await db.value<number>(`SELECT count(DISTINCT xmin::text) FROM ${table}`)) > 1
}

/** Two databases: for the direct path, and for the usual one. */
export async function twoDatabases(t: Test): Promise<[TestDatabase, TestDatabase]> {
  return [await testDatabase(t), await testDatabase(t)]
}
