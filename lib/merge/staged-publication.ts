import { checkBalance } from '../contract/receipt.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import { choose } from './choose.js'
import type { Publication } from './publication.js'
import { SqlHooks } from './sql-hooks.js'

/**
 * Publishes staged records.
 * @param isRowByRow whether to write row by row, which finds the rows that cannot be written
 */
export function stagedPublication(context: RunContext, judged: Judged, isRowByRow: boolean): Publication {
  const hooks = new SqlHooks(context, judged.duplicateKeys)
  return {
    before: () => hooks.before(),
    choose: () => choose(context, judged, isRowByRow),
    after: () => hooks.after(),
    rows(written) {
      const { read, rejected, duplicates } = judged
      const { inserted, updated, unchanged, skipped, deleted } = written
      const rows = { read, rejected, duplicates, inserted, updated, unchanged, skipped, deleted }
      checkBalance(rows)
      return rows
    },
  }
}
