import type { Command } from '../command.js'
import { loadFlags, updateFlags } from '../flags/load.js'
import { toLoadOptions } from '../load-options.js'
import { requireSources, runLoad, SOURCES } from '../run-load.js'

export const updateCommand: Command = {
  name: 'update',
  describe: 'Load files into a table that exists; never creates a table or a column',
  synonyms: ['upsert', 'merge', 'refresh'],
  positionals: { source: SOURCES },
  options: { ...loadFlags, ...updateFlags },
  examples: [
    ['dasy update products.csv', 'insert new keys, update the columns of existing ones that the file has'],
    ['dasy update prices.csv --existing-only', 'only update rows that already exist'],
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
