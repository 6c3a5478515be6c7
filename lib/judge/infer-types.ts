import type { TargetColumn } from '../catalog/target.js'
import { type Fragment, fromCatalog, list, sql, statement } from '../db/sql.js'
import { stagingTable } from '../ledger/staging.js'
import { type Column, type Mapping, storedAs } from '../mapping/columns.js'
import { CANDIDATES, candidatesFor, isOfCalendar } from '../mapping/kinds.js'
import { describeTypes, type NewTypes } from '../mapping/types.js'
import type { RunContext } from './context.js'
import type { InvalidValues } from './invalid-values.js'

/** The number of records with which most columns are recognised as text. */
const SAMPLE = 1000

/**
 * Finds the narrowest type that fits every value of a column, for the columns that are text so far. It reads all staged
 * records, after the rejects were removed.
 */
export async function inferTypes(
  context: RunContext,
  mapping: Mapping,
  invalid: InvalidValues,
): Promise<NewTypes> {
  const texts = mapping.columns.filter(({ kind, stored }) => kind === 'field' && stored.text)
  // Most columns are text, which a few records show. Only for the other columns all records are read.
  const first = await kindsOf(context, texts, sql`LIMIT ${fromCatalog(String(SAMPLE))}`)
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

/** The types that all values of a column can have, as bits of dasy.kinds(); null for a column without values. */
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

/** The types to try, the narrowest first: none for a column that is text or has no values. */
function candidates(column: Column, kinds: ReadonlyMap<Column, number | null>): string[] {
  return candidatesFor(kinds.get(column) ?? 0, column.key)
}
