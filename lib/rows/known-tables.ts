import { type Aggregate, allAggregates } from '../aggregate/aggregate.js'
import { estimatedRows } from '../catalog/estimated-rows.js'
import { inspectTargets, type Target } from '../catalog/target.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { sql, statement } from '../db/sql.js'
import { type ChangeSet, lastSetsOf } from '../history/change-set.js'
import { keyOf } from '../history/table-key.js'
import { withTextSettings } from '../history/value-text.js'

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
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly visible: boolean
  readonly rows: number | null
}

/** What the catalog and the ledger say of tables, by their oids. */
interface Facts {
  readonly targets: ReadonlyMap<number, Target>
  /** What was applied to them last. */
  readonly sets: ReadonlyMap<number, ChangeSet>
  readonly aggregates: readonly Aggregate[]
}

/**
 * By as many statements for one table as for hundreds.
 * @param configured the tables that the configuration names
 */
export async function knownTables(session: Session, configured: readonly TableName[]): Promise<KnownTable[]> {
  return await session.transaction(async () => {
    const names = [configured.map(({ schema }) => schema ?? null), configured.map(({ name }) => name)]
    const parts = { rows: estimatedRows(sql`c.oid`) }
    const found = await session.rows<Found>(statement('rows/known_tables', parts), names)
    const oids = found.map(({ oid }) => oid)
    // Names of types are qualified then.
    const targets = await withTextSettings(session, () => inspectTargets(session, oids))
    const facts = {
      targets: new Map(targets.map((target) => [target.oid, target])),
      sets: await lastSetsOf(session, oids),
      aggregates: (await allAggregates(session)).whole,
    }
    return found.flatMap((table) => show(table, facts))
  })
}

/** @returns none if others have dropped the table since it was found */
function show(
  { oid, schema, name, visible, rows }: Found,
  { targets, sets, aggregates }: Facts,
): KnownTable[] {
  const target = targets.get(oid)
  if (!target) return []
  return [
    {
      table: displayName({ schema: visible ? undefined : schema, name }),
      columns: target.columns.map((column) => ({
        name: column.name,
        type: column.type,
        required: column.notNull,
      })),
      key: keyNames({ schema, name }, target, sets.get(oid)),
      rows,
      aggregates: aggregates
        .filter(({ target_oid }) => target_oid === oid)
        .map((each) => ({ name: each.name, column: each.column, kind: each.kind })),
    },
  ]
}

function keyNames(table: TableName, target: Target, last: ChangeSet | undefined): string[] | null {
  try {
    return keyOf(table, target, last, target.columns).map(({ name }) => name)
  } catch (error) {
    if ((error as { code?: string }).code === 'NO_KEY') return null
    throw error
  }
}
