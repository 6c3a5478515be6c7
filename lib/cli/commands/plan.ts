import { EXIT } from '../../base/errors.js'
import type { Command } from '../command.js'
import { loadFlags, makingFlags, updateFlags } from '../flags/load.js'
import { toLoadOptions } from '../load-options.js'
import { requireSources, SOURCES } from '../run-load.js'
import { runPlanned } from '../run-planned.js'

export const planCommand: Command = {
  name: 'plan',
  describe: 'Show what loading files would change, and keep that for "dasy apply"; the table stays as it is',
  synonyms: ['preview', 'dry-run', 'what-if'],
  positionals: { source: SOURCES },
  options: {
    update: {
      type: 'boolean',
      describe: 'By the rules of "dasy update": the table must exist, and no column is added',
    },
    'detailed-exitcode': {
      type: 'boolean',
      describe: `Exit with status ${EXIT.differs} if something would change`,
    },
    ...loadFlags,
    ...makingFlags,
    ...updateFlags,
  },
  examples: [
    ['dasy plan products.csv', 'what "dasy ingest products.csv" would do'],
    [
      'dasy plan prices.csv --update --existing-only',
      'what "dasy update prices.csv --existing-only" would do',
    ],
    ['dasy plan products.csv --json', 'a receipt with the first changes of each kind'],
    ['dasy plan products.csv -q --detailed-exitcode', 'only whether something would change'],
  ],
  run: async (argv) => {
    const sources = requireSources(argv)
    const { changesSomething } = await runPlanned(argv, async (options) => {
      const [{ withDataset }, { plan }] = await Promise.all([
        import('../../config/with-dataset.js'),
        import('../../api/plan.js'),
      ])
      const { update, addColumns, types, infer, existingOnly } = argv
      const given = { ...options, ...toLoadOptions(argv), addColumns, types, infer, existingOnly }
      const command = update ? 'update' : 'ingest'
      return plan(sources, { ...(await withDataset(sources, given, { ...argv, command })), update })
    })
    return argv.detailedExitcode && changesSomething ? EXIT.differs : EXIT.done
  },
}
