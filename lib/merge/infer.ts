import type { TargetColumn } from '../catalog/target.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, list, sql, statement } from '../db/sql.js'
import { stagingTable } from '../load/staging.js'
import { type Column, type Mapping, storedAs } from './columns.js'
import type { Misfits } from './misfits.js'
import type { Tuning } from './tuning.js'
import { describeTypes, type NewTypes } from './types.js'

/** What a value can be, from the narrowest type on; as a bit each in sql/merge/infer.sql. */
const CANDIDATES: readonly { readonly bit: number; readonly type: string }[] = [
  { bit: 1, type: 'boolean' },
  { bit: 2, type: 'integer' },
  { bit: 4, type: 'bigint' },
  { bit: 8, type: 'numeric' },
  { bit: 16, type: 'date' },
  { bit: 32, type: 'timestamp' },
  { bit: 64, type: 'timestamptz' },
  { bit: 128, type: 'uuid' },
]

/** What looks like one of these may be no day of the calendar. */
const CALENDAR = ['date', 'timestamp', 'timestamptz']

const FIRST_LOOK = 1000

/** Of these, what is written differently is different: two keys never become one by their type. */
const FOR_KEYS = ['integer', 'bigint', 'date', 'uuid']

export interface Inference {
  readonly session: Session
  readonly run: number
  readonly mapping: Mapping
  readonly tuning: Tuning
  readonly misfits: Misfits
}

/**
 * The narrowest type that every value of a column fits, for the columns that are text so far. Looks at all of staging,
 * when what cannot be loaded is no longer there.
 */
export async function inferTypes(inference: Inference): Promise<NewTypes> {
  const { session, mapping, misfits } = inference
  const texts = mapping.columns.filter(({ kind, stored }) => kind === 'field' && stored.text)
  // A few records show most columns to be text. What they leave over is decided by all.
  const first = await kindsOf(inference, texts, sql`LIMIT ${fromCatalog(String(FIRST_LOOK))}`)
  const columns = texts.filter((column) => first.get(column) === null || candidates(column, first).length > 0)
  const kinds = await kindsOf(inference, columns, sql``)
  const types = await describeTypes(session, new Map(CANDIDATES.map(({ type }) => [type, type])))
  const found = new Map<string, TargetColumn>()
  for (const column of columns) {
    for (const type of candidates(column, kinds)) {
      const stored = types.get(type) as TargetColumn
      if (CALENDAR.includes(type) && !(await misfits.fits(storedAs(column, stored)))) continue
      found.set(column.target, { ...stored, name: column.target })
      break
    }
  }
  return found
}

/** What the values of columns can be, as bits; nothing for those that have none. */
async function kindsOf(
  { session, run, tuning }: Inference,
  columns: readonly Column[],
  limit: Fragment,
): Promise<Map<Column, number | null>> {
  if (columns.length === 0) return new Map()
  const text = statement('merge/infer', {
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
  const bits = kinds.get(column) ?? 0
  const types = CANDIDATES.filter(({ bit }) => (bits & bit) !== 0).map(({ type }) => type)
  return column.key ? types.filter((type) => FOR_KEYS.includes(type)) : types
}
