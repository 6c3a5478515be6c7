import { type Aggregate, allAggregates } from '../aggregate/aggregate.js'
import { requireTarget } from '../catalog/target.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { describe, type RowTable } from './row-table.js'

/** A table that dasy knows. */
export interface KnownTable {
  /** As it is asked for: with its schema if the search path does not find it. */
  readonly table: string
  readonly columns: readonly { readonly name: string; readonly type: string; readonly required: boolean }[]
  /** The columns of its key; null: it has none. */
  readonly key: readonly string[] | null
  /** About how many rows it has; null: that is not known. */
  readonly rows: number | null
  readonly aggregates: readonly { readonly name: string; readonly column: string; readonly kind: string }[]
}

interface Found {
  readonly schema: string
  readonly name: string
  readonly visible: boolean
  readonly rows: number | null
}

/** @param configured the tables that the configuration names */
export async function knownTables(session: Session, configured: readonly TableName[]): Promise<KnownTable[]> {
  return await session.transaction(async () => {
    const names = [configured.map(({ schema }) => schema ?? null), configured.map(({ name }) => name)]
    const found = await session.rows<Found>(statement('rows/known_tables'), names)
    const { whole } = await allAggregates(session)
    const tables: KnownTable[] = []
    for (const each of found) tables.push(await show(session, each, whole))
    return tables
  })
}

async function show(
  session: Session,
  { schema, name, visible, rows }: Found,
  aggregates: readonly Aggregate[],
): Promise<KnownTable> {
  const target = await requireTarget(session, { schema, name })
  const described = await describe(session, { schema, name }, target).catch(withoutKey)
  const columns = described?.columns ?? []
  return {
    table: displayName({ schema: visible ? undefined : schema, name }),
    columns: target.columns.map((column) => ({
      name: column.name,
      type: columns.find((each) => each.name === column.name)?.type ?? column.type,
      required: column.notNull,
    })),
    key: described?.key.map((column) => column.name) ?? null,
    rows,
    aggregates: aggregates
      .filter(({ target_oid }) => target_oid === target.oid)
      .map((each) => ({ name: each.name, column: each.column, kind: each.kind })),
  }
}

function withoutKey(error: unknown): RowTable | undefined {
  if ((error as { code?: string }).code === 'NO_KEY') return undefined
  throw error
}
