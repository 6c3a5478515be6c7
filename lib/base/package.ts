import { readFileSync } from 'node:fs'

/** What the package holds besides its code. This file runs in dist/ or, as a part of the command line, in bundle/. */
const root = new URL('../..', import.meta.url)

/** The statements: one file each. */
export const sqlDirectory = new URL('sql/', root)

/** What a dasy.config.json may say, for editors and for us. */
export const configSchema = new URL('dasy.schema.json', root)

export function ownVersion(): string {
  return (JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }).version
}
