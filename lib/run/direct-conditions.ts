import { allowsDirectPath } from '../catalog/direct-path.js'
import type { Target } from '../catalog/target.js'
import type { TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { sql } from '../db/sql.js'
import { isInteger } from '../judge/key-bytes.js'
import { stagedColumn } from '../ledger/staging.js'
import type { Column } from '../mapping/columns.js'
import { isEmptyAsMade } from '../merge/as-made.js'
import { isKeyNameShort } from '../merge/staging-as-table.js'
import { sizeOf } from '../ranges/sources.js'
import type { LoadTask } from './load.js'
import type { Preflight } from './preflight.js'
import type { AttemptContext } from './run-context.js'

/** Which loads take the direct path. */

/** Bytes of all sources. A smaller load gains too little; of a larger one the scan would keep the workers waiting for too long. */
const [LEAST, MOST] = [4 * 1024 * 1024, 1024 * 1024 * 1024]

/** The names of the table's columns: in their order, in that of the fields, and those of the key. */
export interface DirectColumns {
  readonly inTable: readonly string[]
  readonly byField: readonly string[]
  readonly key: readonly string[]
  /** The types of those that are no texts. */
  readonly types: ReadonlyMap<string, string>
}

/**
 * The columns, if COPY can make them of the fields of the file, each of one: texts, and in the key also integers. (A record that is
 * omitted has the key of another one; its other values nobody would check.)
 */
export function directColumns(
  { mapping: { columns, key, newTable }, target }: Preflight,
  fields: readonly string[],
): DirectColumns | undefined {
  const inTable = target?.columns.map(({ name }) => name) ?? newTable
  if (columns.length !== fields.length || inTable.length !== fields.length) return undefined
  const byField = fields.map((field, index) =>
    columns.find((column) => column.source === field && isUnchanged(column, index + 1)),
  )
  if (byField.includes(undefined)) return undefined
  const found = byField as Column[]
  const typed = found.filter(({ stored }) => !stored.text)
  return {
    inTable,
    byField: found.map(({ target: name }) => name),
    key: key.map(({ target: name }) => name),
    types: new Map(typed.map(({ target: name, stored }) => [name, stored.type])),
  }
}

/** Whether COPY makes of a field what the merge would store. */
function isUnchanged({ kind, stored, raw, key, added }: Column, field: number): boolean {
  const isText = stored.text && stored.type === 'text'
  const isField = kind === 'field' && raw.sql === sql`s.${stagedColumn(field)}`.sql
  return isField && !added && (isText || (key && isInteger(stored)))
}

/** Whether the load is one that only makes a table, with sources that can be read twice at the same time. */
export function isPossible({ session, settings, sources, plan }: AttemptContext, task: LoadTask): boolean {
  const { mapping, policy, hooks } = settings
  const bytes = sizeOf(sources.map(({ source }) => source)) ?? 0
  return (
    task.command === 'ingest' &&
    (task.mode ?? 'load') === 'load' &&
    session.isUtf8 &&
    !mapping.infer &&
    policy.duplicates !== 'error' &&
    policy.sync === undefined &&
    hooks.before.length + hooks.after.length === 0 &&
    bytes >= LEAST &&
    bytes <= MOST &&
    sources.every(({ source }) => source.location !== undefined && source.repeatable) &&
    plan.sources.every(({ surplus }) => surplus === 0)
  )
}

/** Whether the table is not there, or is empty and exactly as it was made, and nobody could see how it was filled. */
export async function isAllowed(
  session: Session,
  target: Target | undefined,
  table: TableName,
): Promise<boolean> {
  if (table.schema?.startsWith('pg_') || !isKeyNameShort(table.name)) return false
  if (!(await allowsDirectPath(session))) return false
  return target === undefined || (await isEmptyAsMade(session, target))
}
