import type { Command } from '../command.js'
import { loadFlags, toLoadOptions } from '../load-options.js'
import { requireSources, runLoad, SOURCES } from '../run-load.js'

export const updateCommand: Command = {
  name: 'update',
  describe: 'Load a file into a table that exists; never makes a table or a column',
  synonyms: ['upsert', 'merge', 'refresh'],
  positionals: { source: SOURCES },
  options: {
    ...loadFlags,
    'existing-only': {
      type: 'boolean',
      group: 'Rules',
      describe: 'Leave out keys that the table does not hold',
    },
  },
  examples: [
    ['dasy update products.csv', 'insert new keys, overwrite the file’s columns of existing ones'],
    ['dasy update prices.csv --existing-only', 'touch no other rows than those there are'],
  ],
  run: async (argv) => {
    const sources = requireSources(argv)
    return runLoad(argv, async (options) => {
      const [{ withDataset }, { update }] = await Promise.all([
        import('../../config/with-dataset.js'),
        import('../../api/ingest.js'),
      ])
      const given = { ...options, ...toLoadOptions(argv), existingOnly: argv.existingOnly }
      return update(sources, await withDataset(sources, given, { ...argv, command: 'update' }))
    })
  },
}
