import { estimatedRows } from '../catalog/estimated-rows.js'
import type { Session } from '../db/session.js'
import { query, sql, statement } from '../db/sql.js'

interface Size {
  readonly table: string
  readonly rows: number
}

interface Listed {
  readonly table: string
  /** The planner's estimate; null if there is none. */
  readonly rows: number | null
  /** Counts them by an aggregate; null if there is none. */
  readonly query: string | null
}

/** An aggregate of many groups takes a while to add up: that is done this often. */
const VALID_MS = 60_000
/** For all tables together. The others are counted the next time. */
const MOST_MS = 2000

/** How many rows tables have: exactly where an aggregate counts them, else by the planner's estimate. */
export class TableSizes {
  readonly #counted = new Map<string, { readonly rows: number; readonly until: number }>()

  async read(session: Session, tables: readonly string[]): Promise<Size[]> {
    const parts = { rows: estimatedRows(sql`c.oid`) }
    const listed = await session.rows<Listed>(statement('observe/tables', parts), [tables])
    for (const table of this.#counted.keys()) if (!tables.includes(table)) this.#counted.delete(table)
    const began = performance.now()
    const sizes: Size[] = []
    for (const each of listed) {
      const rows = await this.#sizeOf(session, each, performance.now() - began < MOST_MS)
      if (rows !== null) sizes.push({ table: each.table, rows })
    }
    return sizes
  }

  async #sizeOf(session: Session, { table, rows, query: text }: Listed, mayCount: boolean) {
    const known = this.#counted.get(table)
    if (text === null) return rows
    if (known && known.until > performance.now()) return known.rows
    const counted = mayCount ? await count(session, text) : undefined
    if (counted === undefined) return known?.rows ?? rows
    this.#counted.set(table, { rows: counted, until: performance.now() + VALID_MS })
    return counted
  }
}

/** @returns undefined if it cannot be counted, or not in time */
async function count(session: Session, text: string): Promise<number | undefined> {
  const limit = query`SET LOCAL statement_timeout = '2s'`
  const counting = session.transaction(() => session.row<{ rows: number }>(text), limit)
  return (await counting.catch(() => undefined))?.rows
}
