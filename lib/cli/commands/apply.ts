import { EXIT } from '../../base/errors.js'
import { parseCount } from '../../contract/values.js'
import type { Command } from '../command.js'
import { resumeFlags } from '../flags/resume.js'
import { toResumeOptions } from '../load-options.js'
import { runPlanned } from '../run-planned.js'

const {
  'max-rejects': _r,
  'max-deletes': _d,
  'sync-despite-rejects': _s,
  'range-size': _b,
  ...flags
} = resumeFlags

export const applyCommand: Command = {
  name: 'apply',
  describe: 'Publish a plan: exactly what it showed, or nothing if the table has changed since',
  synonyms: ['execute', 'commit', 'publish'],
  positionals: {
    run: { describe: 'The number of the planned run (see dasy runs)', completes: 'planned run' },
  },
  options: {
    replan: {
      type: 'boolean',
      describe: 'Apply nothing: make the plan again, for the table as it is now, and show it',
    },
    ...flags,
  },
  examples: [
    ['dasy apply 12', 'what "dasy plan" showed as run 12'],
    ['dasy apply 12 --replan', 'what the plan would be now, under the same number'],
  ],
  run: async (argv) => {
    const run = parseCount('RUN', argv.run)
    await runPlanned(argv, async (options) => {
      const { apply } = await import('../../api/apply.js')
      const { configuredHistoryDays } = await import('../../config/with-dataset.js')
      const historyDays = await configuredHistoryDays()
      const { trustOwner, workers, workMem, parallel, retryFor, databaseUrl } = toResumeOptions(argv)
      const tuning = { trustOwner, workers, workMem, parallel, retryFor, databaseUrl, historyDays }
      return apply(run, { ...options, ...tuning, replan: argv.replan })
    })
    return EXIT.done
  },
}
