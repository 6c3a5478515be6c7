import { checkBalance, type Rows } from '../contract/receipt.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import { choose, type Writing } from './choose.js'
import type { Publication } from './publication.js'
import { SqlHooks } from './sql-hooks.js'
import type { MergeResult } from './strategy.js'

/**
 * Publishes staged records.
 */
export function stagedPublication(context: RunContext, judged: Judged, writing: Writing): Publication {
  const hooks = new SqlHooks(context, judged.duplicateKeys)
  return {
    before: () => hooks.before(),
    choose: () => choose(context, judged, writing),
    after: () => hooks.after(),
    rows: (written) => rowsOf(judged, written),
  }
}

/** @throws DasyError RECEIPT_UNBALANCED */
export function rowsOf(
  { read, rejected, duplicates }: Pick<Judged, 'read' | 'rejected' | 'duplicates'>,
  { inserted, updated, unchanged, skipped, deleted }: MergeResult,
): Rows {
  const rows = { read, rejected, duplicates, inserted, updated, unchanged, skipped, deleted }
  checkBalance(rows)
  return rows
}
