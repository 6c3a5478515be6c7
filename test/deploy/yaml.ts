import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

// biome-ignore lint/suspicious/noExplicitAny: documents of many kinds, which schemas check
export type Document = any

/** The documents of a YAML file, as JSON has them. */
export function documents(path: string): Document[] {
  return parseAllDocuments(readFileSync(`${ROOT}/${path}`, 'utf8'), { merge: true }).map((document) => {
    const [error] = document.errors
    if (error) throw error
    return document.toJS()
  })
}
