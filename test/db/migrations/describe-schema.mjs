import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The schema as it should be. */
export const schemaFile = fileURLToPath(new URL('schema.txt', import.meta.url))

const query = readFileSync(new URL('describe.sql', import.meta.url), 'utf8')

/**
 * The schema dasy of a database as text. (pg_dump would have to be installed, and writes each version's own form.)
 * @param {(text: string) => Promise<{ text?: string }[]>} rows runs a query
 * @returns {Promise<string>}
 */
export async function describeSchema(rows) {
  // Names of others are qualified, whatever the session's path.
  await rows('SET search_path = pg_catalog')
  return `${(await rows(query)).map(({ text }) => text).join('\n\n')}\n`
}
