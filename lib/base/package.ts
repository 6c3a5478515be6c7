import { readFileSync } from 'node:fs'

/** Files of the package other than code. This module runs in dist/ and, as part of the command line, in bundle/. */
const root = new URL('../..', import.meta.url)

/** The SQL statements, one file each. */
export const sqlDirectory = new URL('sql/', root)

/** The JSON schema of dasy.config.json, for editors and for dasy itself. */
export const configSchema = new URL('dasy.schema.json', root)

/** The web page, as it is built. */
export const pageDirectory = new URL('bundle/web/', root)

/** The reader of the OpenAPI document. */
export const readerDirectory = new URL('bundle/swagger-ui/', root)

export function ownVersion(): string {
  return (JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }).version
}
