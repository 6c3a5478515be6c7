import type { Change, Values } from '../contract/change.js'

/** What is known of one row, as values by column. The names are those that the columns have now. */
export interface RowHistory {
  /** Its changes, the newest first. */
  readonly changes: readonly Pick<Change, 'op' | 'old' | 'new'>[]
  /** The row as it is now; undefined if there is none. */
  readonly current: Values | undefined
}

/** Whether the row is not as the last change left it. */
export function isChangedOutside({ changes, current }: RowHistory): boolean {
  const [newest] = changes
  if (!newest) return false
  if (newest.op === 'delete') return current !== undefined
  if (current === undefined) return true
  const left = new Map<string, string | null>()
  for (const { op, new: values = {} } of changes) {
    if (op === 'delete') break
    for (const [name, value] of Object.entries(values)) if (!left.has(name)) left.set(name, value)
    if (op === 'insert') break
  }
  return [...left].some(([name, value]) => name in current && current[name] !== value)
}

/** The row as it was before all of these changes, as far as it is known. */
export function rowBefore({ changes, current }: RowHistory): Values {
  let row: Values = { ...current }
  for (const { op, old } of changes) row = op === 'update' ? { ...row, ...old } : { ...old }
  return row
}
