import { count } from '../base/count.js'
import { DasyError, EXIT } from '../base/errors.js'
import type { Totals } from '../ledger/run-facts.js'
import type { RunContext } from './context.js'

/**
 * With --sync a record that was rejected may be one of the rows that seem to be missing.
 * @throws DasyError SYNC_WITH_REJECTS (exit status 3)
 */
export function refuseSyncWithRejects(
  { run, settings, refuse }: Pick<RunContext, 'run' | 'settings' | 'refuse'>,
  { read, rejected }: Totals,
): void {
  const { sync } = settings.policy
  if (!sync || sync.despiteRejects || rejected === 0) return
  const them = rejected === 1 ? 'it' : 'they'
  const error = new DasyError(
    'SYNC_WITH_REJECTS',
    `${count(rejected)} of ${count(read)} records cannot be loaded, and with --sync the rows that ${them} may stand for would be deleted; the table is as it was`,
    {
      hint: `See them: dasy rejects ${run}. To delete all the same: dasy resume ${run} --sync-despite-rejects, or correct the file and load it again.`,
      exitStatus: EXIT.rejected,
      details: { run, rejected },
    },
  )
  if (!refuse) throw error
  refuse(error)
}
