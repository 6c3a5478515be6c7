import { withoutLoops } from '../db/join-plans.js'
import { ident, list, query, sql, statement } from '../db/sql.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import { stagingTable } from '../ledger/staging.js'
import type { Mapping } from '../mapping/columns.js'
import { Classified, valueName } from '../merge/classified.js'

/** All records that count, in the form of classified ones: there is no table to compare them with. */
export async function classifyNew(
  { session, run }: RunContext,
  { duplicateKeys }: Judged,
  { columns, key }: Mapping,
): Promise<{ classified: Classified; drop(): Promise<void> }> {
  const table = ident('dasy', `classified_${run}`)
  const values = columns.map(({ value }, index) => sql`${value} AS ${valueName(index)}`)
  const text = statement('plan/classify_new', {
    classified: table,
    staging: stagingTable(run),
    wins: duplicateKeys.wins,
    values: list(values),
  })
  const found = await withoutLoops(session, () => session.run(text))
  const classified = new Classified({
    table,
    columns,
    key: key.map(({ target }) => target),
    aggregates: [],
    counts: { new: found, changed: 0, deleted: 0, moved: [] },
  })
  return {
    classified,
    async drop() {
      await session.run(query`DROP TABLE ${table}`)
    },
  }
}
