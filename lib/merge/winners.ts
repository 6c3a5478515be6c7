import type { Fragment } from '../db/sql.js'
import { stagingTable } from '../load/staging.js'
import type { Column, Mapping } from './columns.js'
import type { Merging } from './way.js'

/** What says which staged records `s` are stored: every one but those that lose to another of the same key. */
export function winners({ run, repeats }: Merging): Record<'staging' | 'repeats' | 'same_key', Fragment> {
  return { staging: stagingTable(run), repeats: repeats.table, same_key: repeats.sameKey }
}

/** The file's column that an aggregate counts, if its staged text is what will be stored. */
export function countableColumn({ columns }: Mapping, name: string): Column | undefined {
  return columns.find(({ target, text }) => target === name && text)
}
