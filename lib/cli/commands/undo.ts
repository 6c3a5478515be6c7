import { parseCount } from '../../contract/values.js'
import type { Command } from '../command.js'
import { changeFlags, skipConflictsFlag } from '../flags/resume.js'
import { toChangeOptions } from '../load-options.js'
import { runLoad } from '../run-load.js'

export const undoCommand: Command = {
  name: 'undo',
  describe: 'Take a completed run back: delete what it inserted, restore what it changed or deleted',
  synonyms: ['revert', 'rollback', 'restore'],
  positionals: { run: { describe: 'The number of the run (see dasy runs)', completes: 'completed run' } },
  options: { ...skipConflictsFlag, ...changeFlags },
  examples: [
    ['dasy undo 12', 'the table is as it was before run 12; later changes of other rows stay'],
    ['dasy undo 12 --skip-conflicts', 'leave rows that were changed since as they are'],
    ['dasy undo 13', 'if run 13 was this undo: the changes of run 12 are made again'],
  ],
  run: async (argv) => {
    const run = parseCount('RUN', argv.run)
    return runLoad(argv, async (options) => {
      const { undo } = await import('../../api/undo.js')
      const { configuredHistoryDays } = await import('../../config/with-dataset.js')
      const historyDays = await configuredHistoryDays()
      const { skipConflicts } = argv
      return undo(run, { ...options, ...toChangeOptions(argv), skipConflicts, historyDays })
    })
  },
}
