import type { TargetColumn } from '../catalog/target.js'
import { type Fragment, fromCatalog, list, sql, statement } from '../db/sql.js'
import { stagingTable } from '../ledger/staging.js'
import { type Column, type Mapping, storedAs } from '../mapping/columns.js'
import { CANDIDATES, candidatesFor, isOfCalendar } from '../mapping/kinds.js'
import { describeTypes, type NewTypes } from '../mapping/types.js'
import type { RunContext } from './context.js'
import type { InvalidValues } from './invalid-values.js'

const FIRST_LOOK = 1000

/**
 * The narrowest type that every value of a column fits, for the columns that are text so far. Looks at all of staging,
 * when what cannot be loaded is no longer there.
 */
export async function inferTypes(
  context: RunContext,
  mapping: Mapping,
  invalid: InvalidValues,
): Promise<NewTypes> {
  const texts = mapping.columns.filter(({ kind, stored }) => kind === 'field' && stored.text)
  // A few records show most columns to be text. What they leave over is decided by all.
  const first = await kindsOf(context, texts, sql`LIMIT ${fromCatalog(String(FIRST_LOOK))}`)
  const columns = texts.filter((column) => first.get(column) === null || candidates(column, first).length > 0)
  const kinds = await kindsOf(context, columns, sql``)
  const types = await describeTypes(context.session, new Map(CANDIDATES.map(({ type }) => [type, type])))
  const found = new Map<string, TargetColumn>()
  for (const column of columns) {
    for (const type of candidates(column, kinds)) {
      const stored = types.get(type) as TargetColumn
      if (isOfCalendar(type) && !(await invalid.fits(storedAs(column, stored)))) continue
      found.set(column.target, { ...stored, name: column.target })
      break
    }
  }
  return found
}

/** What the values of columns can be, as bits; nothing for those that have none. */
async function kindsOf(
  { session, run, tuning }: RunContext,
  columns: readonly Column[],
  limit: Fragment,
): Promise<Map<Column, number | null>> {
  if (columns.length === 0) return new Map()
  const text = statement('judge/infer', {
    staging: stagingTable(run),
    kinds: list(columns.map(({ raw }) => sql`bit_and(dasy.kinds(${raw}))`)),
    limit,
  })
  const row = await session.transaction(async () => {
    await tuning.apply(session)
    return session.row<{ kinds: (number | null)[] }>(text)
  })
  return new Map(columns.map((column, index) => [column, row?.kinds[index] ?? null]))
}

/** A column without values is text. */
function candidates(column: Column, kinds: ReadonlyMap<Column, number | null>): string[] {
  return candidatesFor(kinds.get(column) ?? 0, column.key)
}
