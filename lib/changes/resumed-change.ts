import type { ResumeOptions } from '../contract/options.js'
import { tuningSettings } from '../contract/settings.js'
import { badOption } from '../contract/values.js'
import { ended } from '../ledger/run-claim.js'
import type { StoredRun } from '../ledger/stored-run.js'
import type { LoadCommand } from '../run/load.js'
import type { ChangeTask } from './change-task.js'
import { storedPurge } from './purge.js'
import { storedUndo } from './undo.js'

/** Whether a run loads sources, or plans to. */
export function isLoad(stored: StoredRun): stored is StoredRun & { readonly command: LoadCommand | 'plan' } {
  return ['ingest', 'update', 'plan'].includes(stored.command)
}

/**
 * What a run without sources that stopped is to do.
 * @throws DasyError BAD_OPTION
 */
export function resumedChange(stored: StoredRun, options: ResumeOptions): ChangeTask {
  const { maxRejects, maxDeletes, syncDespiteRejects, skipConflicts, ...others } = options
  for (const [flag, value] of Object.entries({
    '--max-rejects': maxRejects,
    '--max-deletes': maxDeletes,
    '--sync-despite-rejects': syncDespiteRejects,
  }))
    if (value !== undefined) throw badOption(flag, `it is for a load, and run ${stored.run} is none`)
  const tuning = tuningSettings(others)
  const { command, run } = stored
  if (command === 'undo') return storedUndo(stored, tuning, skipConflicts)
  if (skipConflicts !== undefined) throw badOption('--skip-conflicts', `run ${run} is no undo`)
  if (command === 'purge') return storedPurge(stored, tuning)
  throw ended(run)
}
