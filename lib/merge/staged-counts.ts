import type { Session } from '../db/session.js'
import { type Fragment, sql, statement } from '../db/sql.js'
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

/**
 * Counts a column of the records that will be stored into a table.
 * @returns the number of groups
 */
export function countStaged(
  helper: Session,
  merging: Merging,
  { value }: Column,
  counts: Fragment,
  { andAggregate = sql``, inOrder = sql`` } = {},
): Promise<number> {
  const parts = { counts, value, and_aggregate: andAggregate, in_order: inOrder }
  return helper.run(statement('merge/count_staged', { ...winners(merging), ...parts }))
}
