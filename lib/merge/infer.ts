import type { TargetColumn } from '../catalog/target.js'
import type { Session } from '../db/session.js'
import { list, sql, statement } from '../db/sql.js'
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
export async function inferTypes({ session, run, mapping, tuning, misfits }: Inference): Promise<NewTypes> {
  const columns = mapping.columns.filter(({ kind, stored }) => kind === 'field' && stored.text)
  if (columns.length === 0) return new Map()
  const text = statement('merge/infer', {
    staging: stagingTable(run),
    kinds: list(columns.map(({ raw }) => sql`bit_and(dasy.kinds(${raw}))`)),
  })
  const row = await session.transaction(async () => {
    await tuning.apply(session)
    return session.row<{ kinds: (number | null)[] }>(text)
  })
  const types = await describeTypes(session, new Map(CANDIDATES.map(({ type }) => [type, type])))
  const found = new Map<string, TargetColumn>()
  for (const [index, column] of columns.entries()) {
    for (const type of candidates(column, row?.kinds[index] ?? 0)) {
      const stored = types.get(type)
      // What looks like a date may be no day of the calendar.
      if (!stored || !(await misfits.fits(storedAs(column, stored)))) continue
      found.set(column.target, { ...stored, name: column.target })
      break
    }
  }
  return found
}

function candidates({ key }: Column, kinds: number): string[] {
  const types = CANDIDATES.filter(({ bit }) => (kinds & bit) !== 0).map(({ type }) => type)
  return key ? types.filter((type) => FOR_KEYS.includes(type)) : types
}
