import { EXIT } from '../../base/errors.js'
import type { Command } from '../command.js'
import { loadFlags, makingFlags, updateFlags } from '../flags/load.js'
import { printJson } from '../json.js'
import { toLoadOptions } from '../load-options.js'
import { requireSources, SOURCES, withProgress } from '../run-load.js'

/** The load is another process's. */
const { 'metrics-file': _, ...ownFlags } = loadFlags

export const enqueueCommand: Command = {
  name: 'enqueue',
  describe: 'Put a load into the queue, for "dasy work", and return at once',
  synonyms: ['queue', 'schedule', 'submit', 'defer'],
  positionals: { source: { ...SOURCES, describe: 'Files, quoted patterns, URLs; archive.zip#entry.csv' } },
  options: {
    update: {
      type: 'boolean',
      describe: 'By the rules of "dasy update": the table must exist, and no column is added',
    },
    plan: { type: 'boolean', describe: 'Only plan it, as "dasy plan" does' },
    ...ownFlags,
    ...makingFlags,
    ...updateFlags,
  },
  examples: [
    ['dasy enqueue products.csv', 'what "dasy ingest products.csv" would do, when a worker is free'],
    ['dasy enqueue prices.csv --update --existing-only', 'what "dasy update" would do'],
    ["dasy enqueue 'in/*.csv' --plan", 'one plan, to be applied by hand'],
  ],
  run: async (argv) => {
    const sources = requireSources(argv)
    const enqueued = await withProgress({ ...argv, progress: false }, async (options) => {
      const [{ configuredQueue, withDataset }, { enqueue }] = await Promise.all([
        import('../../config/with-dataset.js'),
        import('../../queue/enqueue.js'),
      ])
      const { update, plan, addColumns, types, infer, existingOnly } = argv
      const { ofProcess, ...others } = options
      const given = { ...others, ...toLoadOptions(argv), addColumns, types, infer, existingOnly }
      const command = update ? 'update' : 'ingest'
      const load = await withDataset(sources, given, { ...argv, command })
      return enqueue(sources, { ...load, ...(await configuredQueue(argv.config)), update, plan })
    })
    if (argv.json) printJson(enqueued)
    else if (!argv.quiet) process.stdout.write(`run ${enqueued.run} is queued\n`)
    return EXIT.done
  },
}
