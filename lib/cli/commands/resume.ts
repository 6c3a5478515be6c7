import { EXIT } from '../../base/errors.js'
import { parseCount } from '../../contract/values.js'
import type { Command } from '../command.js'
import { resumeFlags, skipConflictsFlag } from '../flags/resume.js'
import { toResumeOptions } from '../load-options.js'
import { runPlanned } from '../run-planned.js'

export const resumeCommand: Command = {
  name: 'resume',
  describe: 'Resume a run that failed, was killed or interrupted, or had too many rejects',
  synonyms: ['continue', 'retry'],
  positionals: { run: { describe: 'The number of the run (see dasy runs)', completes: 'stopped run' } },
  options: { ...resumeFlags, ...skipConflictsFlag },
  examples: [
    ['dasy resume 12', 'load what is missing, and merge'],
    ['dasy resume 12 --max-rejects 3', 'leave out three bad records'],
  ],
  run: async (argv) => {
    const run = parseCount('RUN', argv.run)
    await runPlanned(argv, async (options) => {
      const { resume } = await import('../../api/resume.js')
      const { configuredHistoryDays } = await import('../../config/with-dataset.js')
      const historyDays = await configuredHistoryDays()
      const { skipConflicts } = argv
      return resume(run, { ...options, ...toResumeOptions(argv), skipConflicts, historyDays })
    })
    return EXIT.done
  },
}
