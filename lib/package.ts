import { readFileSync } from 'node:fs'

/** What the package holds besides its code. This file runs in dist/ or, as a part of the command line, in bundle/. */
const root = new URL('../', import.meta.url)

/** The statements: one file each. */
export const sqlDirectory = new URL('sql/', root)

export function ownVersion(): string {
  return (JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }).version
}
