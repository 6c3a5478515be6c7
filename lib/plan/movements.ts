import { kinds } from '../aggregate/kinds.js'
import type { Movement } from '../contract/events.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, number, sql, statement } from '../db/sql.js'
import { changesTable, type SetColumns, type SetKind } from '../history/change-set.js'
import { type StoredColumn, textOf, typedValue, withTextSettings } from '../history/value-text.js'
import type { CountedAggregate } from './context.js'

/** How many groups of each aggregate are named. */
const SHOWN = 10

/** The stored changes of a run. */
export interface StoredRows {
  readonly run: number
  readonly kind: SetKind
  readonly columns: SetColumns
}

/** How the groups of an aggregate move. */
export interface Moved {
  /** Those that move most. */
  readonly groups: readonly Movement[]
  /** How many more groups there are. */
  readonly more: number
}

type Row = Movement & { readonly appearing: number; readonly vanishing: number }

/** How stored changes move the groups of an aggregate, within a transaction. */
export async function movedGroups(
  session: Session,
  changes: StoredRows,
  aggregate: CountedAggregate,
): Promise<Moved> {
  const column = columnOf(changes.columns, aggregate.column)
  if (!column) return { groups: [], more: 0 }
  const { stored, gains, loses } = column
  const text = statement('plan/movements', {
    changes: changesTable(changes),
    new: typedValue(stored, column.new),
    old: typedValue(stored, column.old),
    gains,
    loses,
    ...groupsOf(aggregate, stored),
    text: textOf(stored, sql`value`),
  })
  const rows = await withTextSettings(session, () => session.rows<Row>(text, [changes.run, SHOWN]))
  const [first] = rows
  return {
    groups: rows.map(({ value, before, after }) => ({ value, before, after })),
    more: first ? first.appearing - first.vanishing : 0,
  }
}

interface ChangedColumn {
  readonly stored: StoredColumn
  readonly new: Fragment
  readonly old: Fragment
  /** Conditions: the change `c` adds a row to the group of the new value, and takes one from that of the old value. */
  readonly gains: Fragment
  readonly loses: Fragment
}

function columnOf({ key, others }: SetColumns, name: string): ChangedColumn | undefined {
  const keyPlace = key.findIndex((column) => column.name === name)
  if (keyPlace >= 0) {
    const value = sql`c.key[${number(keyPlace + 1)}]`
    const stored = key[keyPlace] as StoredColumn
    // No update changes a key.
    return { stored, new: value, old: value, gains: sql`c.op = 'i'`, loses: sql`c.op = 'd'` }
  }
  const place = others.findIndex((column) => column.name === name)
  if (place < 0) return undefined
  const at = number(place + 1)
  const [old, now] = [sql`c.old[${at}]`, sql`c.new[${at}]`]
  const isChanged = sql`c.op = 'u' AND (${old} IS NOT NULL OR ${now} IS NOT NULL)`
  return {
    stored: others[place] as StoredColumn,
    new: now,
    old,
    gains: sql`(c.op = 'i' OR ${isChanged})`,
    loses: sql`(c.op = 'd' OR ${isChanged})`,
  }
}

function groupsOf(
  aggregate: CountedAggregate,
  { type, output }: StoredColumn,
): Record<'groups' | 'value' | 'count' | 'among', Fragment> {
  if (aggregate.isNew) {
    const none = sql`(SELECT CAST(NULL AS ${fromCatalog(type)}) AS value, 0 AS change WHERE false)`
    return { groups: none, value: sql`g.value`, count: sql`g.change`, among: sql`true` }
  }
  const { rows, value, count } = kinds[aggregate.kind].contents(aggregate)
  // The equality of another type is not found with the settings of texts.
  const isBuiltIn = output.startsWith('pg_catalog.')
  return {
    groups: rows,
    value: sql`g.${value}`,
    count: sql`g.${count}`,
    among: isBuiltIn ? sql`(g.${value} IN (SELECT value FROM differences) OR g.${value} IS NULL)` : sql`true`,
  }
}
