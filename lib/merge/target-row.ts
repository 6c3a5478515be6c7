import type { Target } from '../catalog/target.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, list, part, sql, statement } from '../db/sql.js'
import type { Classified } from './classified.js'

/**
 * What classified or staged records are joined with: the whole table `t`, or a look-up in it for each record.
 * @param columns of the row that is looked up
 */
export function targetRow(
  target: Fragment,
  sameKey: Fragment,
  looksUp: boolean,
  columns = sql`t.ctid, t.xmin, t.*`,
): Fragment {
  if (!looksUp) return sql`${target} AS t ON ${sameKey}`
  return part('merge/target_looked_up', { target, columns, same_key: sameKey })
}

/** A condition: the row `t` of the table is the one that the row `c` changes or deletes, before anything is written. */
export function sameRow(target: Target, set: Classified): Fragment {
  if (isPlain(target)) return sql`t.ctid = c.place`
  return set.hasLocations ? sql`t.ctid = c.place AND t.tableoid = c.found_in` : set.sameKey()
}

/** Whether a ctid identifies a row of the table: it has no partitions, and no table inherits from it. */
export function isPlain({ kind, hasChildren }: Target): boolean {
  return kind === 'r' && !hasChildren
}

/** A row of the table with all its columns, as text. */
export function wholeRow({ columns }: Target): Fragment {
  return sql`CAST(ROW(${list(columns.map(({ name }) => sql`t.${ident(name)}`))}) AS text)`
}

/** So many pages (32 MB, as PostgreSQL is built usually) stay in memory, once they are read. */
const FEW_PAGES = 4096
/** A look-up in memory takes as long as joining so much of a page: measured with 20,000 to 340,000 rows. */
const PART_OF_PAGE = 1 / 8

/**
 * Whether it is faster to look up so many rows one by one than to join all: if they are fewer than the table has pages, as each
 * look-up reads about one; in a small table without partitions also if they are more.
 */
export async function areBetterLookedUp(session: Session, target: Target, rows: number): Promise<boolean> {
  const row = await session.row<{ pages: number }>(statement('merge/count_pages'), [target.oid])
  const pages = row?.pages ?? 0
  const isSmall = pages <= FEW_PAGES && isPlain(target)
  return rows * (isSmall ? PART_OF_PAGE : 1) < pages
}
