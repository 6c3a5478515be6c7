import { type Fragment, fromCatalog, ident, sql } from '../db/sql.js'
import type { SetColumns } from '../history/change-set.js'
import type { StoredColumn } from '../history/value-text.js'
import type { ChangedRows } from '../history/write.js'
import type { Classified } from './classified.js'

/** The rows of a change set, as SQL: what is classified, or what the table had before and has after the write. */

/** About how many rows are written. */
export function rowsOf(set: Classified): number {
  return set.inserted + set.counts.changed + set.counts.deleted
}

export function opOf(set: Classified): Fragment {
  return set.hasDeletes ? sql`c.op` : sql`CASE WHEN c.place IS NULL THEN 'i' ELSE 'u' END`
}

/** A condition: the row `c` is not only counted. */
export function isRecorded(set: Classified): Fragment {
  return set.insertsNew ? sql`true` : sql`c.place IS NOT NULL`
}

export function keyName(index: number): Fragment {
  return ident(`k${index + 1}`)
}

/**
 * The changes as they are classified, before the write.
 * @param joined how the row `t` of the table is found for the classified row `c`
 */
export function knownRows(
  set: Classified,
  target: Fragment,
  { key, others }: SetColumns,
  joined = sql`t.ctid = c.place`,
): ChangedRows {
  const indexOf = ({ name }: StoredColumn) => set.columns.findIndex((column) => column.target === name)
  const written = (column: StoredColumn): Fragment | undefined => {
    const index = indexOf(column)
    return index < 0 ? undefined : set.value(index)
  }
  // A column that the sources do not have is only asked for where it is inserted.
  const classified = (column: StoredColumn): Fragment => {
    const index = indexOf(column)
    return index < 0 ? sql`CAST(NULL AS ${fromCatalog(column.type)})` : set.now(index)
  }
  const now = (column: StoredColumn): Fragment =>
    set.hasRow ? classified(column) : sql`t.${ident(column.name)}`
  const join = set.insertsNew ? sql`LEFT JOIN` : sql`JOIN`
  return {
    from: set.hasRow
      ? sql`(SELECT * FROM ${set.table} AS c WHERE ${isRecorded(set)}) AS c`
      : sql`${set.table} AS c ${join} ${target} AS t ON ${joined}`,
    op: opOf(set),
    position: sql`c.position`,
    was: set.hasRow ? sql`c.was` : sql`t.xmin`,
    key: key.map((column) => ({
      column,
      value: sql`CASE WHEN c.place IS NULL THEN ${written(column) as Fragment} ELSE ${now(column)} END`,
    })),
    // A column that is not written keeps its value; in a new row it is NULL.
    columns: others.map((column) => ({ column, old: now(column), new: written(column) ?? now(column) })),
  }
}

/** The changes as the table has them, after the write. A row that should be gone and is there may have been updated. */
export function foundRows(after: Fragment, target: Fragment, { key, others }: SetColumns): ChangedRows {
  const old = ({ name }: StoredColumn): Fragment => sql`(b.whole).${ident(name)}`
  const now = ({ name }: StoredColumn): Fragment => sql`t.${ident(name)}`
  return {
    from: sql`(SELECT * FROM ${after} WHERE op = 'd' OR found IS NOT NULL) AS b LEFT JOIN ${target} AS t ON t.ctid = b.found AND t.tableoid = b.found_in`,
    op: sql`CASE WHEN b.op = 'd' AND b.found IS NOT NULL THEN 'u' ELSE b.op END`,
    position: sql`b.position`,
    was: sql`b.was`,
    key: key.map((column) => ({
      column,
      value: sql`CASE WHEN b.found IS NULL THEN ${old(column)} ELSE ${now(column)} END`,
    })),
    columns: others.map((column) => ({ column, old: old(column), new: now(column) })),
  }
}
